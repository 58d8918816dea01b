package import Diagnostics
package import Loops
package import Ops

extension Relu: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return .binary(.max, x, .zero(x.type))
  }
}
