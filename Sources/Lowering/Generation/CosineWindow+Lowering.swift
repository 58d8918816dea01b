package import Diagnostics
import Loops
package import Ops
import Tensors

extension BlackmanWindow: CosineWindowLowerable {}
extension HammingWindow: CosineWindowLowerable {}
extension HannWindow: CosineWindowLowerable {}

/// A window that is a sum of cosines, computed in double precision.
package protocol CosineWindowLowerable: CosineWindow, Lowerable {}

extension CosineWindowLowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let size = try context.outputShape()[0]
    if context.isUndefined(size) {
      let given = try context.scalar(0)
      try context.define(size) { builder in
        let count = builder.view(given).load(given.shape.map { _ in 0 }).converted(to: .i64)
        // No window is longer, so that a size which makes no sense asks for no memory that makes none.
        return ([], count.atMost(Double(1 << 30)))
      }
    }
    let element = element
    let period = Expr.index(IndexExpr.max(isPeriodic ? size : size - 1, 1)).converted(to: .f64)
    try Movement.lower(context, into: context.output()) { _, position in
      var sum = Expr.zero(.f64)
      for (k, coefficient) in Self.coefficients.enumerated() {
        let turns = Expr.index(position[0] * IndexExpr(k)).converted(to: .f64)
        let angle = turns.times(2 * .pi).divided(by: period)
        let signed = k % 2 == 0 ? coefficient : -coefficient
        sum = sum.plus(k == 0 ? .float(signed, .f64) : angle.apply(.cos).times(signed))
      }
      return sum.converted(to: element)
    }
  }
}
