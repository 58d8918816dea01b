package import Diagnostics
package import Loops
package import Ops

extension Add: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let a = operands[0], let b = operands[1] else { throw missingOperand }
    return .binary(.add, a, b)
  }
}
