package import Diagnostics
import Glibc
package import Loops
package import Ops
import Tensors

extension IntQuant: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0], let scale = operands[1], let zero = operands[2],
      let bits = operands[3]?.converted(to: .f32)
    else { throw missingOperand }
    let moved = x.divided(by: scale).plus(zero)
    let sign = Expr.select(
      .compare(.greaterOrEqual, moved, .zero(.f32)), .float(1, .f32), .float(-1, .f32))
    let limited = range.limit(moved, bits: bits)
    let whole: Expr
    switch (range.isSigned, bits.constantValue) {
    case (true, 1?): whole = sign
    case (true, nil):
      let isSign = Expr.compare(.equal, bits, .float(1, .f32))
      whole = .select(isSign, sign, mode.rounded(limited))
    default: whole = mode.rounded(limited)
    }
    return whole.minus(zero).times(scale)
  }
}

extension BipolarQuant: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0], let scale = operands[1] else { throw missingOperand }
    return .select(.compare(.greaterOrEqual, x, .zero(.f32)), scale, scale.apply(.neg))
  }
}

extension Trunc: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0], let scale = operands[1], let zero = operands[2],
      let inner = operands[3]?.converted(to: .f32), let fifth = operands[4]?.converted(to: .f32)
    else { throw missingOperand }
    let whole = x.divided(by: scale).plus(zero).apply(.round)
    guard operands.count > 5, let bits = operands[5]?.converted(to: .f32) else {
      let cut = inner.minus(fifth).powerOfTwo
      return mode.rounded(whole.divided(by: cut)).minus(zero).times(scale)
    }
    let ratio = fifth.divided(by: scale)
    let cut = ratio.apply(.log).divided(by: .float(M_LN2, .f32)).apply(.round).powerOfTwo
    let kept = mode.rounded(range.limit(whole.divided(by: cut), bits: bits))
    return kept.minus(zero.divided(by: cut)).times(fifth)
  }
}

extension BitRange {
  /// A number within the integers of so many bits; NaN stays.
  fileprivate func limit(_ x: Expr, bits: Expr) -> Expr {
    let low: Expr
    let high: Expr
    if let count = bits.constantValue {
      let power = Self.power(bits: count)
      low = .float(Double(self.low(power: power)), .f32)
      high = .float(Double(self.high(power: power)), .f32)
    } else {
      let power = bits.powerOfTwo
      let half = power.times(0.5)
      low = isSigned ? Expr.float(isNarrow ? 1 : 0, .f32).minus(half) : .zero(.f32)
      high = isSigned ? half.minus(1) : power.minus(isNarrow ? 2 : 1)
    }
    return .binary(.max, .binary(.min, x, high), low)
  }
}

extension RoundingMode {
  fileprivate func rounded(_ x: Expr) -> Expr {
    let whole = x.apply(.trunc)
    let distance = x.minus(whole).apply(.abs)
    let isNegative = x.isLess(than: 0)
    let away = Expr.select(isNegative, whole.minus(1), whole.plus(1))
    return switch self {
    case .round: x.apply(.round)
    case .ceil: x.apply(.ceil)
    case .floor: x.apply(.floor)
    case .down: whole
    case .up: .select(isNegative, x.apply(.floor), x.apply(.ceil))
    case .halfUp:
      .select(.compare(.greaterOrEqual, distance, .float(0.5, .f32)), away, whole)
    case .halfDown: .select(distance.isGreater(than: 0.5), away, whole)
    }
  }
}

extension Expr {
  /// Two to the power of an `f32`.
  fileprivate var powerOfTwo: Expr {
    if let exponent = constantValue { return .float(Double(BitRange.power(bits: exponent)), .f32) }
    return .binary(.pow, .float(2, .f32), self)
  }
}
