import CLLVM

/// `pow` for `f32`.
extension Mathematics {
  /// Powers by constants that a few exact operations compute; nil for the others.
  func power(_ x: FloatVector, _ exponent: Double) -> FloatVector? {
    switch exponent {
    case 0: return x.constant(1)
    case 1: return x
    case 2: return x * x
    case 3: return x * x * x
    case -1: return x.constant(1) / x
    case 0.5:
      // Where the square root differs from the power: of minus infinity and of minus zero.
      return x.select(x.equals(-.infinity), x.constant(.infinity), x.squareRoot + 0)
    default: return nil
    }
  }

  /// `x^y` with C's special cases.
  ///
  /// Error 1 unit in the last place: `e^(y log |x|)` in double precision, rounded once.
  func power(_ x: FloatVector, _ y: FloatVector) -> FloatVector {
    let wideY = y.doubled
    let magnitude = x.magnitude.doubled
    let t = wideY * logarithmOfDouble(magnitude)
    var result = exponentialOfDouble(t.clamped(-200, 200)).halved
    let isOne = b.or(x.magnitude.equals(1), y.equals(0))
    result = x.select(isOne, x.constant(1), result)

    let isWhole = y.floor.equals(y)
    let half = y * 0.5
    let isOdd = b.and(isWhole, b.not(half.floor.equals(half)))
    let isNegative = b.icmp(LLVMIntSLT, x.bits, b.like(x.bits, Int64(0)))
    result = x.select(b.and(isNegative, isOdd), -result, result)
    let isFinite = x.magnitude < .infinity
    let hasNone = b.and(b.and(x < 0, isFinite), b.not(isWhole))
    let isAlwaysOne = b.or(x.equals(1), y.equals(0))
    let isNaN = b.and(b.or(hasNone, b.or(x.isNaN, y.isNaN)), b.not(isAlwaysOne))
    return x.select(isNaN, x.constant(.nan), result)
  }

  /// The natural logarithm of doubles that came from `f32` and are not negative; relative error 1e-13.
  ///
  /// `log m = 2 atanh((m - 1) / (m + 1))` with `m` from `sqrt(1/2)` to `sqrt(2)`, by its Taylor series.
  private func logarithmOfDouble(_ x: FloatVector) -> FloatVector {
    let bits = x.bits
    func k(_ value: Int64) -> LLVMValueRef { b.like(bits, value) }
    let exponent = b.ashr(b.sub(bits, k(0x3fe6_a09e_667f_3bcd)), k(52))
    let m = x.fromBits(b.sub(bits, b.shl(exponent, k(52))))
    // Exponents are small: 32 bits convert in one instruction everywhere.
    let short: LLVMValueRef = LLVMBuildTrunc(b.ref, exponent, b.like(exponent, b.i32), "")
    let e = x.fromIntegers(short)
    let s = (m - 1) / (m + 1)
    let z = s * s
    let series = z.polynomial([
      1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1,
    ])
    let result = e.fma(0.69314718055994530942, s * series * 2)
    let finite = x.select(x.equals(.infinity), x, result)
    return x.select(x.equals(0), x.constant(-.infinity), finite)
  }

  /// `e^t` for `t` in -200...200; relative error 1e-11.
  private func exponentialOfDouble(_ t: FloatVector) -> FloatVector {
    let n = (t * 1.44269504088896340736).rounded
    let r = n.fma(-0.69314718055994530942, t)
    let p = r.polynomial([
      1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1,
    ])
    let short: LLVMValueRef = b.freeze(
      LLVMBuildFPToSI(b.ref, n.ref, b.like(n.ref, b.i32), ""))
    let exponent: LLVMValueRef = LLVMBuildSExt(b.ref, short, b.type(of: p.bits), "")
    let shifted = b.shl(exponent, b.like(exponent, Int64(52)))
    return p.fromBits(b.add(p.bits, shifted))
  }
}
