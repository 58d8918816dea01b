import CLLVM
import Loops

/// `c + sum of x[i] * y[i]` over the four bytes of 32-bit lanes: one meaning, one instruction where there is one.
struct ByteDot {
  let b: Builder
  let target: Loops.Target
  let xSigned: Bool
  let ySigned: Bool

  func emit(_ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef) -> LLVMValueRef {
    let lanes = b.lanes(of: c)
    let isX86 = target.architecture == "x86_64"
    guard lanes >= 4, isX86 || (target.architecture == "aarch64" && target.hasDot4) else {
      return portable(x, y, c)
    }
    let width = min(lanes, target.vectorBits / 32)
    let parts = stride(from: 0, to: lanes, by: width).map { start -> LLVMValueRef in
      func part(_ value: LLVMValueRef) -> LLVMValueRef {
        lanes == width ? value : b.slice(value, start, width)
      }
      if !isX86 { return neon(part(x), part(y), part(c)) }
      return target.hasDot4
        ? instruction(part(x), part(y), part(c)) : multiplyPairs(part(x), part(y), part(c))
    }
    return b.concatenate(parts)
  }

  // MARK: VNNI

  /// The instruction takes one unsigned and one signed operand; others are moved by 128 and corrected.
  private func instruction(
    _ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    let flip = b.like(x, Int64(0x8080_8080))
    switch (xSigned, ySigned) {
    case (false, true): return dot(x, y, c)
    case (true, false): return dot(y, x, c)
    case (true, true):
      let moved = dot(b.xor(x, flip), y, c)
      return b.sub(moved, dot(flip, y, b.zero(b.type(of: c))))
    case (false, false):
      let moved = dot(x, b.xor(y, flip), c)
      let sum = dot(x, b.like(x, Int64(0x0101_0101)), b.zero(b.type(of: c)))
      return b.add(moved, b.shl(sum, b.like(sum, Int64(7))))
    }
  }

  private func dot(
    _ unsigned: LLVMValueRef, _ signed: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    let bits = b.lanes(of: c) * 32
    return b.intrinsic("llvm.x86.avx512.vpdpbusd.\(bits)", [], [c, unsigned, signed])
  }

  // MARK: NEON

  /// `sdot`, `udot` and `usdot` (FEAT_DotProd, FEAT_I8MM). Without the last, unsigned bytes are moved by 128 and corrected.
  private func neon(_ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef) -> LLVMValueRef {
    switch (xSigned, ySigned) {
    case (true, true): return neonDot("sdot", x, y, c)
    case (false, false): return neonDot("udot", x, y, c)
    case (true, false): return neonMixed(y, x, c)
    case (false, true): return neonMixed(x, y, c)
    }
  }

  private func neonMixed(
    _ unsigned: LLVMValueRef, _ signed: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    if target.hasMixedDot4 { return neonDot("usdot", unsigned, signed, c) }
    let moved = b.xor(unsigned, b.like(unsigned, Int64(0x8080_8080)))
    let ones = b.like(signed, Int64(0x0101_0101))
    let sum = neonDot("sdot", ones, signed, b.zero(b.type(of: c)))
    return b.add(neonDot("sdot", moved, signed, c), b.shl(sum, b.like(sum, Int64(7))))
  }

  private func neonDot(
    _ name: String, _ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    let bytes = b.vector(b.i8, 4 * b.lanes(of: c))
    return b.intrinsic(
      "llvm.aarch64.neon.\(name)", [b.type(of: c), bytes],
      [c, b.bitcast(x, bytes), b.bitcast(y, bytes)])
  }

  // MARK: SSE and AVX2

  /// Even and odd bytes widened to 16 bits and multiplied in pairs: no intermediate sum can overflow.
  private func multiplyPairs(
    _ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    let shorts = b.vector(b.i16, 2 * b.lanes(of: c))
    let eight = b.constant(8 as Int64, shorts)
    func halves(_ value: LLVMValueRef, _ isSigned: Bool) -> (even: LLVMValueRef, odd: LLVMValueRef)
    {
      let pairs = b.bitcast(value, shorts)
      let moved = b.shl(pairs, eight)
      return isSigned
        ? (b.ashr(moved, eight), b.ashr(pairs, eight))
        : (b.lshr(moved, eight), b.lshr(pairs, eight))
    }
    let (xs, ys) = (halves(x, xSigned), halves(y, ySigned))
    return b.add(c, b.add(b.multiplyPairs(xs.even, ys.even), b.multiplyPairs(xs.odd, ys.odd)))
  }

  // MARK: Anywhere

  private func portable(
    _ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    var sum = c
    for byte in 0..<4 {
      sum = b.add(sum, b.mul(extract(x, byte, xSigned), extract(y, byte, ySigned)))
    }
    return sum
  }

  private func extract(_ value: LLVMValueRef, _ byte: Int, _ isSigned: Bool) -> LLVMValueRef {
    let top = b.shl(value, b.like(value, Int64(24 - 8 * byte)))
    let amount = b.like(value, Int64(24))
    return isSigned ? b.ashr(top, amount) : b.lshr(top, amount)
  }
}
