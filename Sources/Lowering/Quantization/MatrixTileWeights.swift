import Loops
import Tensors

/// Weights of a convolution of bytes in the order in which matrix registers read them.
struct MatrixTileWeights: Sendable {
  let geometry: MatrixTileGeometry
  let filters: Int
  let weights: ConvolutionWeights

  /// `[panel, step of the sum, block, 16 x 64]` of type `i8`, zeros where there is no weight: byte `64 k + 4 n + j` of a
  /// register is byte `4 k + j` of the input's row times filter `n`.
  func pack(blocks: Range<Int>, perPanel: Int) -> Tensor {
    let size = TileStatement.byteCount
    let lanes = TileStatement.rowByteCount / 4
    let panels = blocks.count / perPanel
    let taps = weights.tapOffsets(geometry.axes)
    let last = geometry.axes[geometry.axes.count - 1].tapCount
    let outer = geometry.outerTaps.elementCount
    let shape = [panels, geometry.depth, perPanel, size]
    let partSize = geometry.depth * perPanel * size
    return Tensor(of: Int8.self, shape: shape, partSize: partSize) { panel, packed in
      weights.tensor.withSpan(of: Float.self) { values in
        for row in 0..<geometry.depth {
          let step = row % geometry.steps
          let outerTap = row / geometry.steps % outer
          let first = row / geometry.steps / outer * geometry.block
          for byte in 0..<TileStatement.rowByteCount {
            guard let place = geometry.place(step: step, byte: byte),
              first + place.channel < geometry.channels
            else { continue }
            let tap = taps[outerTap * last + place.tap]
            for column in 0..<perPanel * lanes {
              let filter = (blocks.lowerBound + panel * perPanel) * lanes + column
              guard filter < filters else { break }
              let value = values[weights.place(filter, first + place.channel) + tap]
              let register = (row * perPanel + column / lanes) * size
              packed[register + byte / 4 * 64 + column % lanes * 4 + byte % 4] = Int8(value)
            }
          }
        }
      }
    }
  }
}
