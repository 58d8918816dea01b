import CLLVM
import Loops

/// `c + x[0] * y[0] + x[1] * y[1]` over the two signed 16-bit integers of 32-bit lanes, modulo 2 to the 32nd.
struct ShortDot {
  let b: Builder
  let target: Loops.Target

  func emit(_ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef) -> LLVMValueRef {
    let lanes = b.lanes(of: c)
    guard target.architecture == "x86_64", lanes >= 4 else { return portable(x, y, c) }
    let width = min(lanes, target.vectorBits / 32)
    let parts = stride(from: 0, to: lanes, by: width).map { start -> LLVMValueRef in
      func part(_ value: LLVMValueRef) -> LLVMValueRef {
        lanes == width ? value : b.slice(value, start, width)
      }
      if target.hasShortDot {
        return b.intrinsic(
          "llvm.x86.avx512.vpdpwssd.\(width * 32)", [], [part(c), part(x), part(y)])
      }
      let shorts = b.vector(b.i16, 2 * width)
      return b.add(
        part(c), b.multiplyPairs(b.bitcast(part(x), shorts), b.bitcast(part(y), shorts)))
    }
    return b.concatenate(parts)
  }

  private func portable(
    _ x: LLVMValueRef, _ y: LLVMValueRef, _ c: LLVMValueRef
  ) -> LLVMValueRef {
    let sixteen = b.like(x, Int64(16))
    func lower(_ word: LLVMValueRef) -> LLVMValueRef { b.ashr(b.shl(word, sixteen), sixteen) }
    func upper(_ word: LLVMValueRef) -> LLVMValueRef { b.ashr(word, sixteen) }
    return b.add(b.add(c, b.mul(lower(x), lower(y))), b.mul(upper(x), upper(y)))
  }
}

extension Builder {
  /// Sums of two neighbouring products of signed 16-bit integers, on x86-64.
  func multiplyPairs(_ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef {
    switch lanes(of: x) {
    case 8: intrinsic("llvm.x86.sse2.pmadd.wd", [], [x, y])
    case 16: intrinsic("llvm.x86.avx2.pmadd.wd", [], [x, y])
    default: intrinsic("llvm.x86.avx512.pmaddw.d.512", [], [x, y])
    }
  }
}
