package import Diagnostics
package import Loops
package import Ops

extension SwiGLU: ElementwiseLowerable {
  package var repeatsOperands: Bool { false }

  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let gate = operands[0], let value = operands[1] else { throw missingOperand }
    return gate.times((alpha == 1 ? gate : gate.times(alpha)).apply(.sigmoid)).times(value)
  }
}
