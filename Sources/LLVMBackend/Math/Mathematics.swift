import CLLVM
import Loops

/// Elementary functions over scalars and vectors of `f32` and `f64`.
///
/// Those of `f32` that matter for speed are straight-line polynomials, which give the same result in a scalar and in
/// a vector of any width; the others, and all of `f64`, call the C library lane by lane. The errors stated are the
/// largest that sweeps over the arguments find, against double precision.
struct Mathematics {
  let b: Builder
  let target: Loops.Target

  func emit(_ op: UnaryOp, _ a: LLVMValueRef) -> LLVMValueRef {
    let isDouble = b.element(of: b.type(of: a)) == b.double
    let x = FloatVector(ref: a, b: b, target: target)
    if isDouble { return op == .sigmoid ? sigmoidOfDouble(x) : library(op.rawValue, [a]) }
    switch op {
    case .exp: return exponential(x).ref
    case .log: return logarithm(x).ref
    case .sin: return sine(x).ref
    case .cos: return cosine(x).ref
    case .tanh: return hyperbolicTangent(x).ref
    case .sigmoid: return sigmoid(x).ref
    case .erf: return errorFunction(x).ref
    default: return library(op.rawValue, [a])
    }
  }

  func pow(_ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef {
    let base = FloatVector(ref: x, b: b, target: target)
    if let exponent = constantValue(y), let result = power(base, exponent) { return result.ref }
    if b.element(of: b.type(of: x)) == b.double { return library("pow", [x, y]) }
    return power(base, FloatVector(ref: y, b: b, target: target)).ref
  }

  /// The number that a constant holds in every lane.
  private func constantValue(_ value: LLVMValueRef) -> Double? {
    guard LLVMIsConstant(value) != 0 else { return nil }
    let count = b.lanes(of: value)
    var found: Double?
    for lane in 0..<count {
      let element = count == 1 ? value : LLVMGetAggregateElement(value, UInt32(lane))
      guard let element, LLVMIsAConstantFP(element) != nil else { return nil }
      var lost: LLVMBool = 0
      let number = LLVMConstRealGetDouble(element, &lost)
      if let found, found != number { return nil }
      found = number
    }
    return found
  }

  /// Calls the C library's function for doubles in each lane; its result for `f32` is rounded once.
  func library(_ name: String, _ operands: [LLVMValueRef]) -> LLVMValueRef {
    let type = b.type(of: operands[0])
    let isDouble = b.element(of: type) == b.double
    let function = b.external(name, b.double, operands.map { _ in b.double })
    let count = b.lanes(ofType: type)
    let parts = (0..<count).map { lane -> LLVMValueRef in
      let arguments = operands.map { operand -> LLVMValueRef in
        let one = count == 1 ? operand : b.extract(operand, lane)
        return isDouble ? one : LLVMBuildFPExt(b.ref, one, b.double, "")
      }
      let result = b.call(function, arguments)
      return isDouble ? result : LLVMBuildFPTrunc(b.ref, result, b.float, "")
    }
    return b.concatenate(parts)
  }
}
