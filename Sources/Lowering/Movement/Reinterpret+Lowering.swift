package import Diagnostics
import Loops
package import Ops
import Tensors

extension Flatten: ReinterpretLowerable {}
extension Reshape: ReinterpretLowerable {}
extension Squeeze: ReinterpretLowerable {}
extension Unsqueeze: ReinterpretLowerable {}

extension Reshape: SizeDefining {
  /// Each size is the wanted one, where that is 0 the input's own, and where it is -1 what the others leave.
  package func defineSizes(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.outputShape()
    let own = try context.shape(0)
    guard shape.contains(where: { context.isUndefined($0) }) else { return }
    let wanted = try context.vector(1, count: shape.count)
    func size(_ builder: KernelBuilder, _ axis: Int) -> Expr {
      let value = builder.view(wanted).load([IndexExpr(axis)]).converted(to: .i64)
      guard !allowZero, axis < own.count else { return value }
      return .select(.compare(.equal, value, .zero(.i64)), .index(own[axis]), value)
    }
    for (axis, dimension) in shape.enumerated() {
      try context.define(dimension) { builder in
        let others = shape.indices.filter { $0 != axis }.map { size(builder, $0) }
        let divisor = others.reduce(Expr.integer(1, .i64)) { $0.times($1) }
        let rest = Expr.index(own.reduce(1, *)).divided(by: divisor)
        let value = size(builder, axis)
        return ([], .select(.compare(.equal, value, .integer(-1, .i64)), rest, value))
      }
    }
  }
}

extension Dropout: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    if context.hasInput(2), context.constant(2)?.integers?.first != 0 {
      throw .unsupported("lowering.training", "training mode has no native code yet")
    }
    let input = try context.plain(0)
    try Movement.lower(context, into: context.output()) { builder, position in
      builder.view(input).load(position)
    }
    guard context.hasOutput(1) else { return }
    try Movement.lower(context, into: context.output(1)) { _, _ in .integer(1, .bool) }
  }
}
