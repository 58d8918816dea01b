package import Diagnostics
import Loops
package import Ops
import Tensors

extension ConstantOfShape: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    guard let literal = Expr.literal(of: value) else {
      throw .unsupported("lowering.element-type", "\(value.type) constants have no native code yet")
    }
    try context.define(context.outputShape(), from: 0)
    try Movement.lower(context, into: context.output()) { _, _ in literal }
  }
}
