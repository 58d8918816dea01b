package import Diagnostics
import Loops
package import Ops
import Tensors

extension Transpose: Lowerable, ViewMaking, TransposedReading {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let order = try permutation(rank: shape.count)
    let place = try context.inPlace(0)
    if var view = place.strided {
      view.strides = order.map { view.strides[$0] }
      if try context.makeView(of: place, view) { return }
    }
    let input = try context.plain(0)
    try Movement.lower(context, into: context.output()) { builder, position in
      builder.view(input).load(inverse(order, position))
    }
  }

  package func order(rank: Int) -> [Int]? { try? permutation(rank: rank) }

  /// The input position that an output position reads: output axis `i` is input axis `order[i]`.
  private func inverse(_ order: [Int], _ position: [IndexExpr]) -> [IndexExpr] {
    var source = position
    for (axis, from) in order.enumerated() { source[from] = position[axis] }
    return source
  }
}
