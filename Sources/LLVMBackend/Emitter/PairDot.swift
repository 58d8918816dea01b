import CLLVM
import Loops

/// `c + x[1] * y[1] + x[0] * y[0]` over the two bf16 of 32-bit lanes: one instruction where there is one.
struct PairDot {
  let b: Builder
  let target: Loops.Target

  func emit(_ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef) -> LLVMValueRef {
    let lanes = b.lanes(of: c)
    guard target.hasPairDot, lanes >= 4 else { return portable(x, y, c) }
    let width = min(lanes, target.vectorBits / 32)
    let pairs = b.vector(LLVMBFloatTypeInContext(b.context), 2 * width)
    let parts = stride(from: 0, to: lanes, by: width).map { start -> LLVMValueRef in
      func part(_ value: LLVMValueRef) -> LLVMValueRef {
        lanes == width ? value : b.slice(value, start, width)
      }
      return b.intrinsic(
        "llvm.x86.avx512bf16.dpbf16ps.\(width * 32)", [],
        [part(c), b.bitcast(part(x), pairs), b.bitcast(part(y), pairs)])
    }
    return b.concatenate(parts)
  }

  private func portable(
    _ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    let upper = b.like(x, Int64(0xffff_0000))
    let sixteen = b.like(x, Int64(16))
    func number(_ bits: LLVMValueRef) -> LLVMValueRef { b.bitcast(bits, b.type(of: c)) }
    let sum = fma(number(b.and(x, upper)), number(b.and(y, upper)), c)
    return fma(number(b.shl(x, sixteen)), number(b.shl(y, sixteen)), sum)
  }

  /// Products of bf16 are exact in f32, so one rounding or two is the same.
  private func fma(_ x: LLVMValueRef, _ y: LLVMValueRef, _ z: LLVMValueRef) -> LLVMValueRef {
    b.fadd(b.fmul(x, y), z)
  }
}
