package import Diagnostics
package import Loops
package import Ops

/// An operator that is one unary operation of the loop IR.
package protocol UnaryLowerable: ElementwiseLowerable {
  static var operation: UnaryOp { get }
}

extension UnaryLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return .unary(Self.operation, x)
  }
}

extension Abs: UnaryLowerable { package static let operation = UnaryOp.abs }
extension Acos: UnaryLowerable { package static let operation = UnaryOp.acos }
extension Acosh: UnaryLowerable { package static let operation = UnaryOp.acosh }
extension Asin: UnaryLowerable { package static let operation = UnaryOp.asin }
extension Asinh: UnaryLowerable { package static let operation = UnaryOp.asinh }
extension Atan: UnaryLowerable { package static let operation = UnaryOp.atan }
extension Atanh: UnaryLowerable { package static let operation = UnaryOp.atanh }
extension BitwiseNot: UnaryLowerable { package static let operation = UnaryOp.not }
extension Ceil: UnaryLowerable { package static let operation = UnaryOp.ceil }
extension Cos: UnaryLowerable { package static let operation = UnaryOp.cos }
extension Cosh: UnaryLowerable { package static let operation = UnaryOp.cosh }
extension Erf: UnaryLowerable { package static let operation = UnaryOp.erf }
extension Exp: UnaryLowerable { package static let operation = UnaryOp.exp }
extension Floor: UnaryLowerable { package static let operation = UnaryOp.floor }
extension IsNaN: UnaryLowerable { package static let operation = UnaryOp.isNaN }
extension Log: UnaryLowerable { package static let operation = UnaryOp.log }
extension Neg: UnaryLowerable { package static let operation = UnaryOp.neg }
extension Not: UnaryLowerable { package static let operation = UnaryOp.not }
extension Round: UnaryLowerable { package static let operation = UnaryOp.round }
extension Sigmoid: UnaryLowerable { package static let operation = UnaryOp.sigmoid }
extension Sin: UnaryLowerable { package static let operation = UnaryOp.sin }
extension Sinh: UnaryLowerable { package static let operation = UnaryOp.sinh }
extension Sqrt: UnaryLowerable { package static let operation = UnaryOp.sqrt }
extension Tan: UnaryLowerable { package static let operation = UnaryOp.tan }
extension Tanh: UnaryLowerable { package static let operation = UnaryOp.tanh }
