import CLLVM
import Loops
import Tensors

/// `Expr.quantize`: one vector at a time, or several that lie side by side in memory.
struct Quantizer {
  let b: Builder
  let target: Loops.Target
  let zeroPoint: Int
  let element: ElementType

  /// Bounds of what is rounded.
  private var low: Double { Double(Int(element.smallest) - zeroPoint) }
  private var high: Double { Double(Int(element.largest) - zeroPoint) }

  func one(_ value: LLVMValueRef) -> LLVMValueRef {
    let type = b.type(of: value)
    let (least, most) = (b.constant(low, type), b.constant(high, type))
    // Limited before it is rounded is as good as after, since bounds are whole numbers.
    let raised = b.select(b.fcmp(LLVMRealOGT, value, least), value, least)
    let inside = b.select(b.fcmp(LLVMRealOLT, raised, most), raised, most)
    return LLVMBuildTrunc(
      b.ref, moved(inside), b.like(value, b.integer(bits: element.bitWidth)), "")
  }

  private func moved(_ value: LLVMValueRef) -> LLVMValueRef {
    let rounded = Conversions(b: b, target: target).roundUnchecked(value)
    return zeroPoint == 0 ? rounded : b.add(rounded, b.like(rounded, Int64(zeroPoint)))
  }

  // MARK: Several

  /// How many vectors of `lanes` are quantized together: x86 narrows four to one of bytes with saturation.
  ///
  /// What does not fit 32 bits is rounded to the least integer there, which a zero point must not carry to the other end.
  func runLength(lanes: Int) -> Int {
    let isVector = lanes >= 4 && lanes * 32 <= target.vectorBits
    return target.architecture == "x86_64" && isVector && element.bitWidth == 8
      && zeroPoint >= 0 ? 4 : 1
  }

  /// Two or four vectors as one of bytes, one behind the other.
  func run(_ values: [LLVMValueRef]) -> LLVMValueRef {
    let words = values.map { value in
      let most = b.constant(high, b.type(of: value))
      // NaN stays what it is, and is rounded to the least integer.
      return moved(b.select(b.fcmp(LLVMRealOLT, most, value), most, value))
    }
    let lower = narrow("packssdw", words[0], words[1])
    let upper = values.count == 4 ? narrow("packssdw", words[2], words[3]) : lower
    let bytes = narrow(element == .u8 ? "packuswb" : "packsswb", lower, upper)
    // Each 128 bits have four bytes of every vector.
    let groups = b.lanes(of: values[0]) / 4
    let quads = b.bitcast(bytes, b.vector(b.i32, 4 * groups))
    let picks = (0..<values.count * groups).map { place in
      place % groups * 4 + place / groups
    }
    let ordered = groups == 1 && values.count == 4 ? quads : b.shuffle(quads, picks)
    return b.bitcast(ordered, b.vector(b.i8, values.count * b.lanes(of: values[0])))
  }

  /// Two vectors with elements of half the size, saturated, 128 bits of the one beside 128 bits of the other.
  private func narrow(_ name: String, _ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef {
    let bits = b.lanes(of: x) * (name == "packssdw" ? 32 : 16)
    return switch bits {
    case 128: b.intrinsic("llvm.x86.sse2.\(name).128", [], [x, y])
    case 256: b.intrinsic("llvm.x86.avx2.\(name)", [], [x, y])
    default: b.intrinsic("llvm.x86.avx512.\(name).512", [], [x, y])
    }
  }
}
