import CLLVM

/// `exp`, and the sigmoid that is made of it.
extension Mathematics {
  /// `e^x` for `f32`.
  ///
  /// Error 1 unit in the last place, of denormal results too; infinite above 88.73, zero below -104.
  ///
  /// With `n = round(x / ln 2)`, `e^x = 2^n * e^(x - n ln 2)`. Source: Cephes 2.8, `expf`.
  func exponential(_ x: FloatVector) -> FloatVector {
    let inside = x.clamped(-104, 89)
    let n = (inside * 1.44269504088896341).rounded
    // ln 2 in two parts, the first so short that its product with n is exact.
    let r = n.fma(2.12194440e-4, n.fma(-0.693359375, inside))
    let square = r * r
    let p = r.polynomial(
      [
        1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
        5.0000001201e-1,
      ], square: square)
    return (p.fma(square, r) + 1).scaled(by: n)
  }

  /// `1 / (1 + e^-x)` for `f32`.
  ///
  /// Error 2 units in the last place; zero below -87, where it would be less than 2e-38.
  ///
  /// `e^-x` as in `exponential`, where its exponent needs no care: between the bounds it neither overflows nor becomes
  /// subnormal. Added to 1.5 * 2^23 a number is rounded, and its integer stands in the lowest bits of the sum.
  func sigmoid(_ x: FloatVector) -> FloatVector {
    let inside = x.clamped(-87, 87)
    let shift = x.constant(12_582_912)
    let shifted = inside.fma(-1.44269504088896341, shift)
    let n = shifted - shift
    // -r, so that nothing has to be negated.
    let s = n.fma(-2.12194440e-4, n.fma(0.693359375, inside))
    let square = s * s
    let p = s.polynomial(
      [
        1.9875691500e-4, -1.3981999507e-3, 8.3334519073e-3, -4.1665795894e-2, 1.6666665459e-1,
        -5.0000001201e-1,
      ], square: square)
    let fraction = x.constant(1) - p.fma(square, s)
    let exponent = b.shl(shifted.bits, b.like(shifted.bits, Int64(23)))
    let e = x.fromBits(b.add(fraction.bits, exponent))
    return x.select(x < -87, x.constant(0), x.constant(1) / (e + 1))
  }

  /// The sigmoid for `f64`, from the C library's `exp`.
  func sigmoidOfDouble(_ x: FloatVector) -> LLVMValueRef {
    let e = x.fromBits(b.bitcast(library("exp", [(-x.magnitude).ref]), b.type(of: x.bits)))
    let numerator = x.select(x < 0, e, x.constant(1))
    return (numerator / (e + 1)).ref
  }
}
