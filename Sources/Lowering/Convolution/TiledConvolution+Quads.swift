import Loops
import Tensors

/// Inputs and weights as groups of four bytes, which one instruction multiplies and adds where there is VNNI.
extension TiledConvolution {
  /// Packed weights `[panel, row, lane]`, whole numbers of 8 bits, with four rows in each element.
  ///
  /// - Precondition: every run of rows that a tile walks is a multiple of four.
  static func quads(_ packed: Tensor) -> Tensor {
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

extension Placed {
  /// Bytes in blocks of channels, four neighbours in each element.
  var quads: Placed {
    var shape = shape
    shape[1] = shape[1].ceilDiv(4)
    var layout = layout
    layout.block = layout.block.map { $0 / 4 }
    return Placed(memory: memory, element: .i32, shape: shape, layout: layout)
  }
}
