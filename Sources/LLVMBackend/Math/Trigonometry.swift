import CLLVM

/// `sin` and `cos` for `f32`.
///
/// Error 1.5 units in the last place. Source: the reduction is that of FreeBSD's `e_rem_pio2f.c` in double precision,
/// good up to 2^28 quarter turns; beyond, the C library is called. The polynomials are those of Cephes 2.8.
extension Mathematics {
  func sine(_ x: FloatVector) -> FloatVector { periodic(x, "sin", quarterTurns: 0) }
  func cosine(_ x: FloatVector) -> FloatVector { periodic(x, "cos", quarterTurns: 1) }

  /// The sine of the argument and some quarter turns.
  private func periodic(
    _ x: FloatVector, _ name: String, quarterTurns: Int64
  ) -> FloatVector {
    let isLarge = x.magnitude > 0x1p28
    let any =
      b.lanes(of: isLarge) == 1
      ? isLarge : b.intrinsic("llvm.vector.reduce.or", [b.type(of: isLarge)], [isLarge])
    let slow = b.block(name + ".large")
    let fast = b.block(name)
    let done = b.block(name + ".done")
    b.branch(any, slow, fast)
    b.position(at: slow)
    let exact = library(name, [x.ref])
    let slowEnd = b.currentBlock
    b.branch(to: done)
    b.position(at: fast)
    let near = reduced(x, quarterTurns: quarterTurns)
    let fastEnd = b.currentBlock
    b.branch(to: done)
    b.position(at: done)
    return FloatVector(
      ref: b.phi(b.type(of: x.ref), [(exact, slowEnd), (near.ref, fastEnd)]), b: b,
      target: target)
  }

  private func reduced(_ x: FloatVector, quarterTurns: Int64) -> FloatVector {
    let wide = x.doubled
    let turns = (wide * 6.36619772367581382433e-01).rounded
    // pi / 2 in two parts: 25 bits, whose product with any turn is exact, and the rest.
    let first = wide - turns * 1.57079631090164184570
    let r = (first - turns * 1.58932547735281966916e-08).halved
    let counted: LLVMValueRef = b.freeze(
      LLVMBuildFPToSI(b.ref, turns.ref, b.like(turns.ref, b.i32), ""))
    func k(_ value: Int64) -> LLVMValueRef { b.like(counted, value) }
    let quadrant = b.add(counted, k(quarterTurns))
    let z = r * r
    let sine = z.polynomial([-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]).fma(z * r, r)
    let cosine = z.polynomial([
      2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2,
    ]).fma(z * z, z.fma(-0.5, r.constant(1)))
    let isOdd = b.icmp(LLVMIntNE, b.and(quadrant, k(1)), k(0))
    let chosen = r.select(isOdd, cosine, sine)
    let flipped = b.shl(b.and(quadrant, k(2)), k(30))
    return chosen.fromBits(b.xor(chosen.bits, flipped))
  }
}
