package import Diagnostics
import Loops
package import Ops
import Tensors

extension Transpose: Lowerable, ViewMaking, TransposedReading {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let order = try permutation(rank: shape.count)
    let input = try context.inPlace(0)
    if try context.makeView(of: input, input.layout.transposed(order)) { return }
    let block = context.prefersBlocks() ? context.session.block : nil
    try Movement.lower(context, into: context.output(block: block)) { builder, position in
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
