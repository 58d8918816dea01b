package import Diagnostics
package import Loops
package import Ops
import Tensors

extension RoundToInteger: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    // Limited before it is rounded: bounds are whole numbers, and NaN becomes the least.
    let low = Expr.float(Double(target.smallest) - Double(zeroPoint), .f32)
    let high = Expr.float(Double(target.largest) - Double(zeroPoint), .f32)
    let raised = Expr.select(.compare(.greater, x, low), x, low)
    let inside = Expr.select(.compare(.less, raised, high), raised, high)
    let rounded = Expr.convert(.unary(.round, inside), .i32, .plain)
    let shifted = zeroPoint == 0 ? rounded : rounded.plus(Double(zeroPoint))
    return .convert(shifted, target, .plain)
  }
}
