import Tensors

/// Packed weights with the rows of a step in each element.
extension TileArithmetic {
  /// - Parameter packed: `[panel, row, lane]` of type f32; whole numbers of 8 or 16 bits for integers.
  /// - Precondition: every run of rows that a tile walks is a multiple of the terms of a step.
  func joined(_ packed: Tensor) -> Tensor {
    switch self {
    case .floats: packed
    case .bfloatPairs: join(packed) { UInt32(BFloat16($0).bitPattern) }
    case .shortPairs: join(packed) { UInt32(UInt16(bitPattern: Int16($0))) }
    case .byteQuads: join(packed) { UInt32(UInt8(bitPattern: Int8($0))) }
    }
  }

  /// The terms of a step in one word, the first in its lowest bits.
  private func join(_ packed: Tensor, _ bits: @Sendable (Float) -> UInt32) -> Tensor {
    let (panels, rows, width) = (packed.shape[0], packed.shape[1], packed.shape[2])
    let steps = rows / terms
    return packed.withSpan(of: Float.self) { values in
      Tensor(
        (0..<panels * steps * width).map { place in
          let (panel, rest) = place.quotientAndRemainder(dividingBy: steps * width)
          let (step, lane) = rest.quotientAndRemainder(dividingBy: width)
          let first = (panel * rows + terms * step) * width + lane
          let word = (0..<terms).reduce(UInt32(0)) { word, term in
            word | bits(values[first + term * width]) << UInt32(8 * byteCount * term)
          }
          return Int32(bitPattern: word)
        }, shape: [panels, steps, width])
    }
  }
}
