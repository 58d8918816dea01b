import CLLVM

extension Mathematics {
  /// The natural logarithm for `f32`.
  ///
  /// Error 1 unit in the last place; denormal arguments are exact, zero gives minus infinity, less than zero NaN.
  ///
  /// With `x = 2^e * m`, `m` from `sqrt(1/2)` to `sqrt(2)`, `log x = e ln 2 + log m`. Source: Cephes 2.8, `logf`.
  func logarithm(_ x: FloatVector) -> FloatVector {
    let isDenormal = x < 0x1p-126
    let normal = x.select(isDenormal, x * 0x1p23, x)
    let bits = normal.bits
    func k(_ value: Int64) -> LLVMValueRef { b.like(bits, value) }
    // The distance to the bits of sqrt(1/2) has the exponent of the scale that centres the fraction.
    let exponent = b.ashr(b.sub(bits, k(0x3f35_04f3)), k(23))
    let m = x.fromBits(b.sub(bits, b.shl(exponent, k(23)))) - 1
    let adjusted = b.select(isDenormal, b.sub(exponent, k(23)), exponent)
    let e = x.fromIntegers(adjusted)
    let z = m * m
    let p = m.polynomial([
      7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
      -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ])
    var y = p * m * z
    y = e.fma(-2.12194440e-4, y)
    y = z.fma(-0.5, y)
    let result = e.fma(0.693359375, m + y)
    return special(result, of: x)
  }

  private func special(_ result: FloatVector, of x: FloatVector) -> FloatVector {
    // Infinity and NaN are their own logarithms.
    let isLarge = b.fcmp(LLVMRealUEQ, x.ref, x.constant(.infinity).ref)
    let large = x.select(isLarge, x, result)
    let positive = x.select(x < 0, x.constant(.nan), large)
    return x.select(x.equals(0), x.constant(-.infinity), positive)
  }
}
