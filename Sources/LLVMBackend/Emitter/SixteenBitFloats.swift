import CLLVM
import Loops
import Tensors

/// Conversions between `f32` and the 16-bit floats, which are held as bit patterns.
///
/// All round to nearest, ties to even; a NaN stays a quiet NaN.
struct SixteenBitFloats {
  let b: Builder
  let target: Loops.Target

  func toFloat(_ bits: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    let wide = b.like(bits, b.float)
    if element == .bf16 {
      let word: LLVMValueRef = LLVMBuildZExt(b.ref, bits, b.like(bits, b.i32), "")
      return b.bitcast(b.shl(word, b.like(word, Int64(16))), wide)
    }
    if target.convertsHalf {
      return LLVMBuildFPExt(b.ref, b.bitcast(bits, b.like(bits, b.half)), wide, "")
    }
    return halfToFloat(bits)
  }

  func fromFloat(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    if element == .bf16 { return floatToBFloat(value) }
    if target.convertsHalf {
      let half: LLVMValueRef = LLVMBuildFPTrunc(b.ref, value, b.like(value, b.half), "")
      return b.bitcast(half, b.like(value, b.i16))
    }
    return floatToHalf(value)
  }

  /// A double as the `f32` that rounds to the same 16-bit float: truncated, with a sticky last bit.
  func stickyFloat(_ value: LLVMValueRef) -> LLVMValueRef {
    let near: LLVMValueRef = LLVMBuildFPTrunc(b.ref, value, b.like(value, b.float), "")
    let back: LLVMValueRef = LLVMBuildFPExt(b.ref, near, b.type(of: value), "")
    let bits = b.bitcast(near, b.like(near, b.i32))
    let isExact = b.or(
      b.fcmp(LLVMRealUEQ, back, value),
      b.fcmp(LLVMRealOEQ, b.unary("llvm.fabs", back), b.like(back, Double.infinity)))
    let isAbove = b.fcmp(LLVMRealOGT, b.unary("llvm.fabs", back), b.unary("llvm.fabs", value))
    let one = b.like(bits, Int64(1))
    let low = b.select(isAbove, b.sub(bits, one), bits)
    return b.bitcast(b.select(isExact, bits, b.or(low, one)), b.type(of: near))
  }

  private func floatToBFloat(_ value: LLVMValueRef) -> LLVMValueRef {
    let bits = b.bitcast(value, b.like(value, b.i32))
    let sixteen = b.like(bits, Int64(16))
    let isOdd = b.and(b.lshr(bits, sixteen), b.like(bits, Int64(1)))
    let rounded = b.add(bits, b.add(isOdd, b.like(bits, Int64(0x7fff))))
    let quiet = b.or(bits, b.like(bits, Int64(0x40_0000)))
    let chosen = b.select(b.fcmp(LLVMRealUNO, value, value), quiet, rounded)
    return LLVMBuildTrunc(b.ref, b.lshr(chosen, sixteen), b.like(value, b.i16), "")
  }

  // MARK: Without instructions for it

  /// The exponent is moved by a multiplication, which also normalises what was denormal.
  private func halfToFloat(_ half: LLVMValueRef) -> LLVMValueRef {
    let word: LLVMValueRef = LLVMBuildZExt(b.ref, half, b.like(half, b.i32), "")
    func k(_ value: Int64) -> LLVMValueRef { b.like(word, value) }
    let magnitude = b.shl(b.and(word, k(0x7fff)), k(13))
    let float = b.like(half, b.float)
    // 2^112: the difference of the biases.
    let scaled = b.fmul(b.bitcast(magnitude, float), b.constant(0x1p112, float))
    let isSpecial = b.icmp(LLVMIntUGE, b.and(word, k(0x7fff)), k(0x7c00))
    let special = b.or(magnitude, k(0x7f80_0000))
    let body = b.select(isSpecial, special, b.bitcast(scaled, b.type(of: word)))
    let sign = b.shl(b.and(word, k(0x8000)), k(16))
    return b.bitcast(b.or(body, sign), float)
  }

  /// Normal results round by integer addition, denormal ones by adding a number whose last bit has their weight.
  private func floatToHalf(_ value: LLVMValueRef) -> LLVMValueRef {
    let float = b.type(of: value)
    let bits = b.bitcast(value, b.like(value, b.i32))
    func k(_ value: Int64) -> LLVMValueRef { b.like(bits, value) }
    let magnitude = b.and(bits, k(0x7fff_ffff))
    let isOdd = b.and(b.lshr(magnitude, k(13)), k(1))
    // 0xc8000000 moves the exponent's bias from 127 to 15; 0xfff rounds half down, the odd bit half up.
    let moved = b.add(b.add(magnitude, k(0xc800_0000 + 0xfff)), isOdd)
    let normal = b.lshr(moved, k(13))
    // 0.5 has the last bit 2^-24, the weight of the last bit of a denormal half.
    let half = b.constant(0.5, float)
    let small = b.sub(
      b.bitcast(b.fadd(b.bitcast(magnitude, float), half), b.type(of: bits)), k(0x3f00_0000))
    let isSmall = b.icmp(LLVMIntULT, magnitude, k(0x3880_0000))
    let isLarge = b.icmp(LLVMIntUGE, magnitude, k(0x4780_0000))
    let isNaN = b.icmp(LLVMIntUGT, magnitude, k(0x7f80_0000))
    let quiet = b.or(k(0x7e00), b.and(b.lshr(magnitude, k(13)), k(0x3ff)))
    let large = b.select(isNaN, quiet, k(0x7c00))
    let body = b.select(isLarge, large, b.select(isSmall, small, normal))
    let sign = b.and(b.lshr(bits, k(16)), k(0x8000))
    return LLVMBuildTrunc(b.ref, b.or(body, sign), b.like(value, b.i16), "")
  }
}

extension Loops.Target {
  /// Whether `f16` and `f32` convert in one instruction.
  var convertsHalf: Bool { vectorBits >= 256 || triple.hasPrefix("aarch64") }
}
