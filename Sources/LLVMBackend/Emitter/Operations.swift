import CLLVM
import Diagnostics
import Loops
import Tensors

/// The arithmetic of the loop IR on LLVM values, element type by element type.
///
/// The 16-bit floats are held as bit patterns, computed with as `f32` and rounded after every operation, on every
/// target alike. Nothing here traps: not on zero divisors, not on overflow, not on values out of range.
struct Operations {
  let b: Builder
  let target: Loops.Target
  let laneCount: Int

  /// Operands in one form: vectors if any of them varies, scalars otherwise.
  func lift(_ operands: [Value], _ operation: ([LLVMValueRef]) -> LLVMValueRef) -> Value {
    guard operands.contains(where: \.isVarying) else {
      return .uniform(operation(operands.map(\.ref)))
    }
    return .varying(
      operation(operands.map { $0.isVarying ? $0.ref : b.splat($0.ref, laneCount) }))
  }

  private var sixteenBit: SixteenBitFloats { SixteenBitFloats(b: b, target: target) }

  /// Runs an operation of 16-bit floats on `f32`.
  private func viaFloat(
    _ element: ElementType, _ operands: [LLVMValueRef],
    _ operation: ([LLVMValueRef]) -> LLVMValueRef
  ) -> LLVMValueRef {
    guard element == .f16 || element == .bf16 else { return operation(operands) }
    let wide = operands.map { sixteenBit.toFloat($0, element) }
    return sixteenBit.fromFloat(operation(wide), element)
  }

  private func unsupported(_ name: String, _ element: ElementType) -> Diagnostic {
    .internal("backend.invalid-kernel", "operation '\(name)' on \(element)")
  }

  // MARK: Unary

  func unary(_ op: UnaryOp, _ element: ElementType, _ a: Value) throws(Diagnostic) -> Value {
    if op == .isNaN || op == .isInf {
      guard element.isFloat else { throw unsupported(op.rawValue, element) }
      return lift([a]) { classify(op, toComputeType($0[0], element)) }
    }
    if element.isFloat {
      guard op != .not, op != .popcount else { throw unsupported(op.rawValue, element) }
      let math = Mathematics(b: b, target: target)
      return lift([a]) { viaFloat(element, $0) { floatUnary(op, $0[0], math) } }
    }
    switch op {
    case .not: return lift([a]) { b.not($0[0]) }
    case .neg where element != .bool:
      return lift([a]) { b.sub(b.zero(b.type(of: $0[0])), $0[0]) }
    case .abs where element.isSignedInteger:
      return lift([a]) {
        b.intrinsic("llvm.abs", [b.type(of: $0[0])], [$0[0], b.zero(b.i1)])
      }
    case .abs where element.isUnsignedInteger, .floor, .ceil, .round, .trunc: return a
    case .popcount where element != .bool: return lift([a]) { b.unary("llvm.ctpop", $0[0]) }
    default: throw unsupported(op.rawValue, element)
    }
  }

  private func toComputeType(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    element == .f16 || element == .bf16 ? sixteenBit.toFloat(value, element) : value
  }

  private func classify(_ op: UnaryOp, _ a: LLVMValueRef) -> LLVMValueRef {
    op == .isNaN
      ? b.fcmp(LLVMRealUNO, a, a)
      : b.fcmp(LLVMRealOEQ, b.unary("llvm.fabs", a), b.like(a, Double.infinity))
  }

  private func floatUnary(
    _ op: UnaryOp, _ a: LLVMValueRef, _ math: Mathematics
  ) -> LLVMValueRef {
    switch op {
    case .neg: b.fneg(a)
    case .abs: b.unary("llvm.fabs", a)
    case .sqrt: b.unary("llvm.sqrt", a)
    case .floor: b.unary("llvm.floor", a)
    case .ceil: b.unary("llvm.ceil", a)
    case .round: b.unary("llvm.roundeven", a)
    case .trunc: b.unary("llvm.trunc", a)
    default: math.emit(op, a)
    }
  }

  // MARK: Binary

  func binary(
    _ op: BinaryOp, _ element: ElementType, _ x: Value, _ y: Value
  ) throws(Diagnostic) -> Value {
    if element.isFloat {
      switch op {
      case .and, .or, .xor, .shiftLeft, .shiftRight: throw unsupported(op.rawValue, element)
      default: break
      }
      return lift([x, y]) { viaFloat(element, $0) { floatBinary(op, $0[0], $0[1]) } }
    }
    if op == .pow, element == .bool { throw unsupported(op.rawValue, element) }
    let integer = IntegerArithmetic(b: b, element: element)
    return lift([x, y]) { integer.emit(op, $0[0], $0[1]) }
  }

  private func floatBinary(_ op: BinaryOp, _ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef {
    switch op {
    case .add: b.fadd(x, y)
    case .sub: b.fsub(x, y)
    case .mul: b.fmul(x, y)
    case .div: b.fdiv(x, y)
    case .rem: LLVMBuildFRem(b.ref, x, y, "")
    case .min: minimum(x, y, LLVMRealOLT)
    case .max: minimum(x, y, LLVMRealOGT)
    default: Mathematics(b: b, target: target).pow(x, y)
    }
  }

  /// `x` where it compares as `predicate` with `y`, else `y`; NaN where either is.
  ///
  /// One instruction decides for numbers and returns its second operand when either is NaN, so that operand is the
  /// one that may be NaN where the other is a constant.
  private func minimum(
    _ x: LLVMValueRef, _ y: LLVMValueRef, _ predicate: LLVMRealPredicate
  ) -> LLVMValueRef {
    if LLVMIsConstant(x) != 0, LLVMIsConstant(y) == 0 {
      return b.select(b.fcmp(predicate, x, y), x, y)
    }
    let result = b.select(b.fcmp(predicate, y, x), y, x)
    if LLVMIsConstant(y) != 0, isNumber(y) { return result }
    return b.select(b.fcmp(LLVMRealUNO, y, y), y, result)
  }

  private func isNumber(_ constant: LLVMValueRef) -> Bool {
    let element = b.lanes(of: constant) == 1 ? constant : LLVMGetAggregateElement(constant, 0)
    guard let element, LLVMIsAConstantFP(element) != nil else { return false }
    var lost: LLVMBool = 0
    return !LLVMConstRealGetDouble(element, &lost).isNaN
  }

  // MARK: The rest

  /// The value of a constant expression.
  func constant(_ expression: Expr) throws(Diagnostic) -> LLVMValueRef {
    switch expression {
    case .float(let number, .f32): b.constant(number, b.float)
    case .float(let number, .f64): b.constant(number, b.double)
    case .float(let number, .f16): b.constant(Int64(Float16(number).bitPattern), b.i16)
    case .float(let number, .bf16): b.constant(Int64(BFloat16(nearest: number).bitPattern), b.i16)
    case .integer(let number, .bool): b.constant(number, b.i1)
    case .integer(let number, let element) where element.isInteger && element.bitWidth >= 8:
      b.constant(number, b.integer(bits: element.bitWidth))
    default: throw unsupported("constant", expression.type)
    }
  }

  func fma(_ element: ElementType, _ operands: [Value]) throws(Diagnostic) -> Value {
    if element.isFloat {
      let name = target.hasFMA ? "llvm.fma" : "llvm.fmuladd"
      return lift(operands) {
        viaFloat(element, $0) { b.intrinsic(name, [b.type(of: $0[0])], $0) }
      }
    }
    return lift(operands) { b.add(b.mul($0[0], $0[1]), $0[2]) }
  }

  func compare(_ comparison: Loops.Comparison, _ element: ElementType, _ operands: [Value])
    -> Value
  {
    lift(operands) {
      let (x, y) = (toComputeType($0[0], element), toComputeType($0[1], element))
      return element.isFloat
        ? b.fcmp(comparison.floatPredicate, x, y)
        : b.icmp(comparison.integerPredicate(isSigned: element.isSignedInteger), x, y)
    }
  }

  func convert(
    _ a: Value, from source: ElementType, to element: ElementType, _ conversion: Conversion
  ) throws(Diagnostic) -> Value {
    for type in [source, element] where !Conversions.isHandled(type) {
      throw unsupported("convert", type)
    }
    let conversions = Conversions(b: b, target: target)
    return lift([a]) { conversions.emit($0[0], from: source, to: element, conversion) }
  }

  /// All lanes combined by halving: lane `i` with lane `i + n/2`, and so on; lanes that are off count as neutral.
  func reduce(
    _ reduction: Reduction, _ element: ElementType, _ a: Value, _ lanes: Lanes?
  ) throws(Diagnostic) -> Value {
    guard let lanes else { return a }
    var vector = a.isVarying ? a.ref : b.splat(a.ref, lanes.count)
    if let mask = lanes.mask {
      let neutral = try constant(reduction.neutral(element))
      vector = b.select(mask, vector, b.splat(neutral, lanes.count))
    }
    var result = Value.varying(vector)
    var count = lanes.count
    while count > 1 {
      count /= 2
      let half = Operations(b: b, target: target, laneCount: count)
      let low = b.slice(result.ref, 0, count)
      let high = b.slice(result.ref, count, count)
      result = try half.binary(reduction.operation, element, .varying(low), .varying(high))
    }
    return .uniform(result.ref)
  }
}

extension Loops.Comparison {
  var floatPredicate: LLVMRealPredicate {
    switch self {
    case .equal: LLVMRealOEQ
    case .notEqual: LLVMRealUNE
    case .less: LLVMRealOLT
    case .lessOrEqual: LLVMRealOLE
    case .greater: LLVMRealOGT
    case .greaterOrEqual: LLVMRealOGE
    }
  }

  func integerPredicate(isSigned: Bool) -> LLVMIntPredicate {
    switch self {
    case .equal: LLVMIntEQ
    case .notEqual: LLVMIntNE
    case .less: isSigned ? LLVMIntSLT : LLVMIntULT
    case .lessOrEqual: isSigned ? LLVMIntSLE : LLVMIntULE
    case .greater: isSigned ? LLVMIntSGT : LLVMIntUGT
    case .greaterOrEqual: isSigned ? LLVMIntSGE : LLVMIntUGE
    }
  }
}
