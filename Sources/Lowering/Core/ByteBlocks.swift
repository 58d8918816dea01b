import IR
import Loops
import Tensors

/// How many channels a block has.
enum ByteBlocks {
  /// Bytes in a row of a matrix register.
  static let row = 64

  /// As many as a vector of sums has lanes; of bytes that matrix registers multiply, up to a row of such a register.
  static func block(of type: TensorType?, for target: Target) -> Int {
    let lanes = target.lanes(.f32)
    guard target.hasMatrixTiles, let type, type.element == .u8 || type.element == .i8,
      let shape = type.shape, shape.count > 1, let channels = shape[1].value
    else { return lanes }
    var block = lanes
    while block < min(channels, row) { block *= 2 }
    return block
  }
}

extension GraphLowering {
  /// Channels per block of a value that lies in blocks.
  func block(of value: ValueID) -> Int {
    ByteBlocks.block(of: graph.tensorType(value), for: target)
  }

  /// The layout that is meant where blocks of the usual number of channels are asked for.
  func usual(_ layout: Layout, of value: ValueID) -> Layout {
    guard layout.block == block else { return layout }
    var layout = layout
    layout.block = block(of: value)
    return layout
  }
}
