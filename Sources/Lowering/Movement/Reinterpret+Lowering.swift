package import Diagnostics
import Loops
package import Ops
import Tensors

extension Flatten: ReinterpretLowerable {}
extension Reshape: ReinterpretLowerable {}
extension Squeeze: ReinterpretLowerable {}
extension Unsqueeze: ReinterpretLowerable {}

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
