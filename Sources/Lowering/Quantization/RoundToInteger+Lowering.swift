package import Diagnostics
package import Loops
package import Ops
import Tensors

extension RoundToInteger: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return .quantize(x, zeroPoint: zeroPoint, target)
  }
}

extension RoundWithin: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    // By way of an integer, which has one zero.
    return .convert(.unary(.round, x.limited(low, high)), .i32, .plain).converted(to: .f32)
  }
}

extension Expr {
  /// An `f32` within bounds; NaN becomes the lower one. Limited before it is rounded is as good as after, since bounds
  /// are whole numbers.
  fileprivate func limited(_ low: Int, _ high: Int) -> Expr {
    let (least, most) = (Expr.float(Double(low), .f32), Expr.float(Double(high), .f32))
    let raised = Expr.select(.compare(.greater, self, least), self, least)
    return .select(.compare(.less, raised, most), raised, most)
  }
}
