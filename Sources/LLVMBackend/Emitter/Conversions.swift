import CLLVM
import Loops
import Tensors

/// Changes of element type, with the rounding that `Conversion` names.
struct Conversions {
  let b: Builder
  let target: Loops.Target

  /// Types that values in registers can have.
  static func isHandled(_ type: ElementType) -> Bool {
    switch type {
    case .bool, .f16, .bf16, .f32, .f64: true
    default: type.isInteger && type.bitWidth >= 8
    }
  }

  func emit(
    _ value: LLVMValueRef, from source: ElementType, to element: ElementType,
    _ conversion: Conversion
  ) -> LLVMValueRef {
    if source == element { return value }
    if source == .f16 || source == .bf16 {
      let wide = SixteenBitFloats(b: b, target: target).toFloat(value, source)
      return emit(wide, from: .f32, to: element, conversion)
    }
    if element == .f16 || element == .bf16 { return toSixteenBit(value, source, element) }
    if element == .bool {
      let zero = b.zero(b.type(of: value))
      return source.isFloat ? b.fcmp(LLVMRealUNE, value, zero) : b.icmp(LLVMIntNE, value, zero)
    }
    if source.isFloat {
      if element.isFloat { return changeWidth(value, element) }
      return conversion == .plain ? truncate(value, element) : round(value, element)
    }
    if element.isFloat { return fromInteger(value, source, element) }
    let fitting = conversion == .saturating ? clamp(value, source, element) : value
    return resize(fitting, source, element)
  }

  private func changeWidth(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    element == .f64
      ? LLVMBuildFPExt(b.ref, value, b.like(value, b.double), "")
      : LLVMBuildFPTrunc(b.ref, value, b.like(value, b.float), "")
  }

  private func fromInteger(
    _ value: LLVMValueRef, _ source: ElementType, _ element: ElementType
  ) -> LLVMValueRef {
    let type = b.like(value, element == .f64 ? b.double : b.float)
    return source.isSignedInteger
      ? LLVMBuildSIToFP(b.ref, value, type, "") : LLVMBuildUIToFP(b.ref, value, type, "")
  }

  /// Wide sources go through `f64` and a sticky `f32`, so that the result is rounded once.
  private func toSixteenBit(
    _ value: LLVMValueRef, _ source: ElementType, _ element: ElementType
  ) -> LLVMValueRef {
    let floats = SixteenBitFloats(b: b, target: target)
    if source == .f32 { return floats.fromFloat(value, element) }
    if source == .f64 { return floats.fromFloat(floats.stickyFloat(value), element) }
    if source == .bool || source.bitWidth < 32 {
      return floats.fromFloat(fromInteger(value, source, .f32), element)
    }
    return floats.fromFloat(floats.stickyFloat(fromInteger(value, source, .f64)), element)
  }

  // MARK: Floats to integers

  /// Toward zero; a value out of range gives some value of the type, the same whenever it is used.
  private func truncate(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    let bits = max(32, element.bitWidth)
    let wide = b.like(value, b.integer(bits: bits))
    let isUnsigned = element.isUnsignedInteger && element.bitWidth >= 32
    let integer: LLVMValueRef =
      isUnsigned
      ? LLVMBuildFPToUI(b.ref, value, wide, "") : LLVMBuildFPToSI(b.ref, value, wide, "")
    return narrow(b.freeze(integer), element)
  }

  /// To the nearest integer, ties to even, saturating; NaN becomes zero.
  private func round(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    if element.bitWidth <= 16 { return roundToShort(value, element) }
    if element == .i32, convertsByRounding(value) { return roundToWord(value) }
    let name = element.isSignedInteger ? "llvm.fptosi.sat" : "llvm.fptoui.sat"
    let result = b.like(value, b.integer(bits: element.bitWidth))
    return b.intrinsic(name, [result, b.type(of: value)], [b.unary("llvm.rint", value)])
  }

  /// Limited to the bounds of the type, which are whole numbers, before it is rounded.
  private func roundToShort(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    let type = b.type(of: value)
    let low = b.constant(Double(element.smallest), type)
    let high = b.constant(Double(element.largest), type)
    var inside = b.select(b.fcmp(LLVMRealOGT, value, low), value, low)
    inside = b.select(b.fcmp(LLVMRealOLT, inside, high), inside, high)
    if element.smallest != 0 {
      inside = b.select(b.fcmp(LLVMRealUNO, value, value), b.zero(type), inside)
    }
    let word = b.like(value, b.i32)
    if convertsByRounding(value) {
      return narrow(b.intrinsic("llvm.lrint", [word, type], [inside]), element)
    }
    return narrow(LLVMBuildFPToSI(b.ref, b.unary("llvm.rint", inside), word, ""), element)
  }

  /// `f32` to the nearest `i32`, ties to even; a value out of range gives some value, the same whenever it is used.
  func roundUnchecked(_ value: LLVMValueRef) -> LLVMValueRef {
    guard convertsByRounding(value) else { return truncate(b.unary("llvm.rint", value), .i32) }
    let word = b.like(value, b.i32)
    return b.freeze(b.intrinsic("llvm.lrint", [word, b.type(of: value)], [value]))
  }

  /// With x86's instruction, which gives the least integer for everything that does not fit.
  private func roundToWord(_ value: LLVMValueRef) -> LLVMValueRef {
    let type = b.type(of: value)
    let word = b.like(value, b.i32)
    let rounded = b.freeze(b.intrinsic("llvm.lrint", [word, type], [value]))
    let isLarge = b.fcmp(LLVMRealOGE, value, b.constant(0x1p31, type))
    let limited = b.select(isLarge, b.like(rounded, ElementType.i32.largest), rounded)
    return b.select(b.fcmp(LLVMRealUNO, value, value), b.zero(word), limited)
  }

  /// Whether one instruction rounds `f32` and converts it to 32 bits.
  private func convertsByRounding(_ value: LLVMValueRef) -> Bool {
    target.triple.hasPrefix("x86_64") && b.element(of: b.type(of: value)) == b.float
  }

  // MARK: Integers

  private func narrow(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    let type = b.like(value, b.integer(bits: element.bitWidth))
    return b.type(of: value) == type ? value : LLVMBuildTrunc(b.ref, value, type, "")
  }

  private func resize(
    _ value: LLVMValueRef, _ source: ElementType, _ element: ElementType
  ) -> LLVMValueRef {
    let sourceBits = source == .bool ? 1 : source.bitWidth
    let type = b.like(value, b.integer(bits: element.bitWidth))
    if sourceBits == element.bitWidth { return value }
    if sourceBits > element.bitWidth { return LLVMBuildTrunc(b.ref, value, type, "") }
    return source.isSignedInteger
      ? LLVMBuildSExt(b.ref, value, type, "") : LLVMBuildZExt(b.ref, value, type, "")
  }

  /// The source limited to what the destination can hold, still in the source's type.
  private func clamp(
    _ value: LLVMValueRef, _ source: ElementType, _ element: ElementType
  ) -> LLVMValueRef {
    if source == .bool { return value }
    let isSigned = source.isSignedInteger
    var result = value
    if isSigned {
      let low = max(source.smallest, element.smallest)
      if low > source.smallest {
        result = b.binary("llvm.smax", result, b.like(value, low))
      }
    }
    let sourceTop = UInt64(bitPattern: source.largest)
    let top = min(sourceTop, UInt64(bitPattern: element.largest))
    if top < sourceTop {
      let limit = b.like(value, Int64(bitPattern: top))
      result = b.binary(isSigned ? "llvm.smin" : "llvm.umin", result, limit)
    }
    return result
  }
}
