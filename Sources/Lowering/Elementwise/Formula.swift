package import Diagnostics
package import Loops
import Tensors

/// An operator of one operand that is a formula of the loop IR's operations.
package protocol FormulaLowerable: ElementwiseLowerable {
  func formula(_ x: Expr) -> Expr
}

extension FormulaLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return formula(x)
  }
}

/// Short spellings for formulas; numbers become constants of the other operand's type.
extension Expr {
  func plus(_ other: Expr) -> Expr { .binary(.add, self, other) }
  func minus(_ other: Expr) -> Expr { .binary(.sub, self, other) }
  func times(_ other: Expr) -> Expr { .binary(.mul, self, other) }
  func divided(by other: Expr) -> Expr { .binary(.div, self, other) }
  func plus(_ number: Double) -> Expr { plus(.constant(number, type)) }
  func minus(_ number: Double) -> Expr { minus(.constant(number, type)) }
  func times(_ number: Double) -> Expr { times(.constant(number, type)) }
  func atLeast(_ number: Double) -> Expr { .binary(.max, self, .constant(number, type)) }
  func atMost(_ number: Double) -> Expr { .binary(.min, self, .constant(number, type)) }
  func apply(_ op: UnaryOp) -> Expr { .unary(op, self) }

  func isLess(than number: Double) -> Expr { .compare(.less, self, .constant(number, type)) }
  func isGreater(than number: Double) -> Expr { .compare(.greater, self, .constant(number, type)) }

  func number(_ value: Double) -> Expr { .constant(value, type) }
}
