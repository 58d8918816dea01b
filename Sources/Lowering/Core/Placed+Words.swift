import Loops
import Tensors

extension Placed {
  /// Integers of 8 or 16 bits in blocks of channels, as many neighbours in each element as 32 bits hold.
  var words: Placed {
    let terms = 32 / element.bitWidth
    var shape = shape
    shape[1] = shape[1].ceilDiv(IndexExpr(terms))
    var layout = layout
    layout.block = layout.block.map { $0 / terms }
    return Placed(memory: memory, element: .i32, shape: shape, layout: layout)
  }
}
