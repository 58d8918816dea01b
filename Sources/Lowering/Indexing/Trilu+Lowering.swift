package import Diagnostics
import Loops
package import Ops
import Tensors

extension Trilu: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    var diagonal: Placed?
    if context.hasInput(1), try !context.shape(1).contains(0) { diagonal = try context.plain(1) }
    let keeps: Loops.Comparison = upper ? .greaterOrEqual : .lessOrEqual
    try Movement.lower(context, into: context.output()) { builder, position in
      let bound =
        diagonal.map { builder.view($0).load($0.shape.map { _ in 0 }).converted(to: .i64) }
        ?? .zero(.i64)
      let distance = Expr.index(position[position.count - 1] - position[position.count - 2])
      return .select(
        .compare(keeps, distance, bound), builder.view(input).load(position),
        .zero(input.element))
    }
  }
}
