import CLLVM
import Loops

/// Floating-point values under construction, one or a vector of them, with the operators of arithmetic.
///
/// Formulas written with it become LLVM instructions; nothing is reassociated, and multiplication and addition fuse
/// only where `fma` asks for it. Comparisons give truth values for `select`.
struct FloatVector {
  let ref: LLVMValueRef
  let b: Builder
  let target: Loops.Target

  private func like(_ ref: LLVMValueRef) -> FloatVector {
    FloatVector(ref: ref, b: b, target: target)
  }

  /// A constant of the same shape.
  func constant(_ value: Double) -> FloatVector { like(b.like(ref, value)) }

  static func + (x: FloatVector, y: FloatVector) -> FloatVector { x.like(x.b.fadd(x.ref, y.ref)) }
  static func - (x: FloatVector, y: FloatVector) -> FloatVector { x.like(x.b.fsub(x.ref, y.ref)) }
  static func * (x: FloatVector, y: FloatVector) -> FloatVector { x.like(x.b.fmul(x.ref, y.ref)) }
  static func / (x: FloatVector, y: FloatVector) -> FloatVector { x.like(x.b.fdiv(x.ref, y.ref)) }
  static prefix func - (x: FloatVector) -> FloatVector { x.like(x.b.fneg(x.ref)) }

  static func + (x: FloatVector, y: Double) -> FloatVector { x + x.constant(y) }
  static func - (x: FloatVector, y: Double) -> FloatVector { x - x.constant(y) }
  static func * (x: FloatVector, y: Double) -> FloatVector { x * x.constant(y) }

  /// `self * y + z`, rounded once where the target can.
  func fma(_ y: FloatVector, _ z: FloatVector) -> FloatVector {
    let name = target.hasFMA ? "llvm.fma" : "llvm.fmuladd"
    return like(b.intrinsic(name, [b.type(of: ref)], [ref, y.ref, z.ref]))
  }

  func fma(_ y: Double, _ z: FloatVector) -> FloatVector { fma(constant(y), z) }

  /// The polynomial with these coefficients, the highest power first, by Horner's rule.
  func polynomial(_ coefficients: [Double]) -> FloatVector {
    var sum = constant(coefficients[0])
    for coefficient in coefficients.dropFirst() { sum = sum.fma(self, constant(coefficient)) }
    return sum
  }

  /// The same with an even number of coefficients taken in pairs: as many operations where the square is at hand, and
  /// a shorter chain of them. Source: Estrin 1960, "Organization of computer systems".
  func polynomial(_ coefficients: [Double], square: FloatVector) -> FloatVector {
    let pairs = stride(from: 0, to: coefficients.count, by: 2).map {
      fma(coefficients[$0], constant(coefficients[$0 + 1]))
    }
    return pairs.dropFirst().reduce(pairs[0]) { $0.fma(square, $1) }
  }

  var magnitude: FloatVector { like(b.unary("llvm.fabs", ref)) }
  var rounded: FloatVector { like(b.unary("llvm.rint", ref)) }
  var floor: FloatVector { like(b.unary("llvm.floor", ref)) }
  var squareRoot: FloatVector { like(b.unary("llvm.sqrt", ref)) }

  /// The magnitude of this with the sign of `other`.
  func withSign(of other: FloatVector) -> FloatVector {
    like(b.binary("llvm.copysign", ref, other.ref))
  }

  /// Not below and not above these bounds; NaN stays NaN.
  func clamped(_ low: Double, _ high: Double) -> FloatVector {
    let raised = select(self < low, constant(low), self)
    return select(raised > high, constant(high), raised)
  }

  // MARK: Comparisons, false for NaN

  static func < (x: FloatVector, y: Double) -> LLVMValueRef {
    x.b.fcmp(LLVMRealOLT, x.ref, x.constant(y).ref)
  }
  static func > (x: FloatVector, y: Double) -> LLVMValueRef {
    x.b.fcmp(LLVMRealOGT, x.ref, x.constant(y).ref)
  }
  func equals(_ y: Double) -> LLVMValueRef { b.fcmp(LLVMRealOEQ, ref, constant(y).ref) }
  func equals(_ y: FloatVector) -> LLVMValueRef { b.fcmp(LLVMRealOEQ, ref, y.ref) }
  var isNaN: LLVMValueRef { b.fcmp(LLVMRealUNO, ref, ref) }

  func select(_ condition: LLVMValueRef, _ x: FloatVector, _ y: FloatVector) -> FloatVector {
    like(b.select(condition, x.ref, y.ref))
  }

  // MARK: Bits

  /// Lanes as integers of the same width.
  var bits: LLVMValueRef {
    let width = b.element(of: b.type(of: ref)) == b.double ? b.i64 : b.i32
    return b.bitcast(ref, b.like(ref, width))
  }

  func fromBits(_ bits: LLVMValueRef) -> FloatVector { like(b.bitcast(bits, b.type(of: ref))) }

  /// Whole numbers as integers of the same width; what does not fit gives some value.
  var integers: LLVMValueRef {
    let width = b.element(of: b.type(of: ref)) == b.double ? b.i64 : b.i32
    return b.freeze(LLVMBuildFPToSI(b.ref, ref, b.like(ref, width), ""))
  }

  func fromIntegers(_ integers: LLVMValueRef) -> FloatVector {
    like(LLVMBuildSIToFP(b.ref, integers, b.type(of: ref), ""))
  }

  /// The same values in double precision.
  var doubled: FloatVector { like(LLVMBuildFPExt(b.ref, ref, b.like(ref, b.double), "")) }
  /// The nearest values in single precision.
  var halved: FloatVector { like(LLVMBuildFPTrunc(b.ref, ref, b.like(ref, b.float), "")) }

  /// `self * 2^n` for whole `n` in -252...254, in two steps so that neither leaves the exponent's range early.
  func scaled(by n: FloatVector) -> FloatVector {
    if let result = scaledInOneInstruction(by: n) { return result }
    let exponent = n.integers
    let half = b.ashr(exponent, b.like(exponent, Int64(1)))
    return self * powerOf2(half) * powerOf2(b.sub(exponent, half))
  }

  private func powerOf2(_ exponent: LLVMValueRef) -> FloatVector {
    let biased = b.add(exponent, b.like(exponent, Int64(127)))
    return fromBits(b.shl(biased, b.like(exponent, Int64(23))))
  }

  /// AVX-512's `vscalefps`, which rounds as the two multiplications do.
  private func scaledInOneInstruction(by n: FloatVector) -> FloatVector? {
    let lanes = b.lanes(of: ref)
    guard target.triple.hasPrefix("x86_64"), target.hasMasks, [4, 8, 16].contains(lanes) else {
      return nil
    }
    let maskBits = max(8, lanes)
    let all = b.constant(-1 as Int64, b.integer(bits: maskBits))
    var arguments = [ref, n.ref, b.zero(b.type(of: ref)), all]
    // The rounding mode in force, which is to nearest even.
    if lanes == 16 { arguments.append(b.constant(4 as Int64, b.i32)) }
    return like(b.intrinsic("llvm.x86.avx512.mask.scalef.ps.\(lanes * 32)", [], arguments))
  }
}
