import Loops
import Tensors

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
