package import Diagnostics
import IR
import Loops
package import Ops
import Tensors

/// A program runs again and again. Loops of few runs have been written out before.
extension Ops.Loop: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    for output in body.outputs.dropFirst(1 + carriedCount) {
      guard let element = body.tensorType(output)?.element, element.bitWidth >= 8 else {
        throw .unsupported(
          "lowering.loop", "collecting \(body[output].type) has no native code yet")
      }
    }
    let leading = body.inputs.prefix(2).map { body[$0].type }
    try context.runRegion(
      .loop(carried: carriedCount), [body],
      RegionOperands(control: 0..<2, carried: 2..<2 + carriedCount, leading: Array(leading)))
  }
}
