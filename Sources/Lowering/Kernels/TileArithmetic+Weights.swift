import Tensors

/// Packed weights with the rows of a step in each element.
extension TileArithmetic {
  /// - Parameter packed: `[panel, row, lane]` of type f32; whole numbers of 8 bits for bytes.
  /// - Precondition: every run of rows that a tile walks is a multiple of the terms of a step.
  func joined(_ packed: Tensor) -> Tensor {
    switch self {
    case .floats: packed
    case .bfloatPairs: Self.pairs(packed)
    case .byteQuads: Self.quads(packed)
    }
  }

  /// Packed weights `[panel, row, lane]` with two rows in each element, rows being even in number.
  private static func pairs(_ packed: Tensor) -> Tensor {
    let (panels, rows, width) = (packed.shape[0], packed.shape[1], packed.shape[2])
    let pairs = rows / 2
    return packed.withSpan(of: Float.self) { values in
      Tensor(
        (0..<panels * pairs * width).map { place in
          let (panel, rest) = place.quotientAndRemainder(dividingBy: pairs * width)
          let (pair, lane) = rest.quotientAndRemainder(dividingBy: width)
          let first = (panel * rows + 2 * pair) * width + lane
          let low = UInt32(BFloat16(values[first]).bitPattern)
          let high = UInt32(BFloat16(values[first + width]).bitPattern)
          return Int32(bitPattern: high << 16 | low)
        }, shape: [panels, pairs, width])
    }
  }

  /// Packed weights `[panel, row, lane]`, whole numbers of 8 bits, with four rows in each element.
  ///
  /// - Precondition: every run of rows that a tile walks is a multiple of four.
  private static func quads(_ packed: Tensor) -> Tensor {
    let (panels, rows, width) = (packed.shape[0], packed.shape[1], packed.shape[2])
    let quads = rows / 4
    return packed.withSpan(of: Float.self) { values in
      Tensor(
        (0..<panels * quads * width).map { place in
          let (panel, rest) = place.quotientAndRemainder(dividingBy: quads * width)
          let (quad, lane) = rest.quotientAndRemainder(dividingBy: width)
          let first = (panel * rows + 4 * quad) * width + lane
          let bytes = (0..<4).reduce(UInt32(0)) { word, byte in
            let weight = Int8(values[first + byte * width])
            return word | UInt32(UInt8(bitPattern: weight)) << (8 * UInt32(byte))
          }
          return Int32(bitPattern: bytes)
        }, shape: [panels, quads, width])
    }
  }
}
