package import Diagnostics
import Loops
package import Ops
import Tensors

extension Transpose: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let order = try permutation(rank: shape.count)
    let input = try context.plain(0)
    try Movement.lower(context, into: context.output()) { builder, position in
      builder.view(input).load(inverse(order, position))
    }
  }

  /// The input position that an output position reads: output axis `i` is input axis `order[i]`.
  private func inverse(_ order: [Int], _ position: [IndexExpr]) -> [IndexExpr] {
    var source = position
    for (axis, from) in order.enumerated() { source[from] = position[axis] }
    return source
  }
}
