package import Diagnostics
import Loops
package import Ops
import Tensors

extension EyeLike: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let element = try context.outputElement()
    let diagonal = Expr.integer(Int64(diagonal), .i64)
    try Movement.lower(context, into: context.output()) { _, position in
      .select(
        .compare(.equal, .index(position[1] - position[0]), diagonal), .constant(1, element),
        .zero(element))
    }
  }
}
