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
    guard target.triple.hasPrefix("x86_64"), lanes >= 4 else { return portable(x, y, c) }
    let width = min(lanes, target.vectorBits / 32)
    let parts = stride(from: 0, to: lanes, by: width).map { start -> LLVMValueRef in
      func part(_ value: LLVMValueRef) -> LLVMValueRef {
        lanes == width ? value : b.slice(value, start, width)
      }
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
