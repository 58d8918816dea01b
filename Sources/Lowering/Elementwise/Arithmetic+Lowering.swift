package import Diagnostics
package import Loops
package import Ops
import Tensors

extension BitShift: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let a = operands[0], let b = operands[1] else { throw missingOperand }
    return .binary(shiftsLeft ? .shiftLeft : .shiftRight, a, b)
  }
}

extension Clip: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard var x = operands[0] else { throw missingOperand }
    // The lower bound first: where the bounds cross, the upper one wins.
    if operands.count > 1, let low = operands[1] { x = .binary(.max, x, low.converted(to: x.type)) }
    if operands.count > 2, let high = operands[2] {
      x = .binary(.min, x, high.converted(to: x.type))
    }
    return x
  }
}

extension Mean: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    let present = operands.compactMap { $0 }
    guard let first = present.first else { throw missingOperand }
    let sum = present.dropFirst().reduce(first) { $0.plus($1) }
    return present.count == 1 ? sum : sum.divided(by: sum.number(Double(present.count)))
  }
}

extension Mod: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let a = operands[0], let b = operands[1] else { throw missingOperand }
    let rest = Expr.binary(.rem, a, b)
    if followsDividend || a.type.isUnsignedInteger { return rest }
    // The remainder takes the divisor's sign.
    let zero = a.number(0)
    let differs = Expr.compare(
      .notEqual, .compare(.less, rest, zero), .compare(.less, b, zero))
    let moved = Expr.select(differs, rest.plus(b), rest)
    return .select(.compare(.equal, rest, zero), zero, moved)
  }
}

extension Pow: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0], let y = operands[1] else { throw missingOperand }
    if let exponent = y.constantValue {
      if exponent == 2 { return x.times(x) }
      if exponent == 1 { return x }
      if exponent == 3 { return x.times(x).times(x) }
      if exponent == 0.5, x.type.isFloat { return x.apply(.sqrt) }
    }
    if x.type.isInteger, y.type.isFloat {
      return Expr.binary(.pow, x.converted(to: .f64), y.converted(to: .f64)).converted(to: x.type)
    }
    if x.type.isInteger {
      return Expr.binary(.pow, x.converted(to: .i64), y.converted(to: .i64)).converted(to: x.type)
    }
    return .binary(.pow, x, y.converted(to: x.type))
  }
}

extension PRelu: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0], let slope = operands[1] else { throw missingOperand }
    if x.type.isUnsignedInteger { return x }
    return .select(x.isLess(than: 0), x.times(slope), x)
  }
}

extension Expr {
  /// The value in another element type, by C's conversion.
  func converted(to type: ElementType) -> Expr {
    self.type == type ? self : .convert(self, type, .plain)
  }

  /// The number, where the expression is a constant.
  var constantValue: Double? {
    switch self {
    case .float(let value, _): value
    case .integer(let value, _): Double(value)
    default: nil
    }
  }
}
