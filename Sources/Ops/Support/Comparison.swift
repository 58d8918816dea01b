package import Diagnostics
package import IR
package import Tensors

/// An operator that compares two tensors of one type element by element, with multidirectional broadcasting.
///
/// Floats compare as IEEE 754 says: every comparison with NaN is false.
package protocol Comparison: TensorOp, ContentInferring, Elementwise {
  /// The result for one pair of elements.
  func holds<T: Comparable>(_ a: T, _ b: T) -> Bool
  /// The result for two integers whose difference is known to lie in a range; nil where that does not decide.
  func holds(difference: ClosedRange<Int>) -> Bool?
}

extension Comparison {
  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try Broadcasting.shape(try context.shape(0), try context.shape(1))
    return [.tensor(.bool, shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try compare(inputs[0], inputs[1])]
  }

  private func compare(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor {
    switch a.type {
    case .f32: try Broadcasting.zip(a, b, Compared<Self, Float>(function: self))
    case .f64: try Broadcasting.zip(a, b, Compared<Self, Double>(function: self))
    case .f16: try Broadcasting.zip(a, b, Compared<Self, Float16>(function: self))
    case .bf16: try compare(a.converted(to: .f32), b.converted(to: .f32))
    case .i8: try Broadcasting.zip(a, b, Compared<Self, Int8>(function: self))
    case .i16: try Broadcasting.zip(a, b, Compared<Self, Int16>(function: self))
    case .i32: try Broadcasting.zip(a, b, Compared<Self, Int32>(function: self))
    case .i64: try Broadcasting.zip(a, b, Compared<Self, Int64>(function: self))
    case .u8: try Broadcasting.zip(a, b, Compared<Self, UInt8>(function: self))
    case .u16: try Broadcasting.zip(a, b, Compared<Self, UInt16>(function: self))
    case .u32: try Broadcasting.zip(a, b, Compared<Self, UInt32>(function: self))
    case .u64: try Broadcasting.zip(a, b, Compared<Self, UInt64>(function: self))
    case .bool: try compare(a.converted(to: .u8), b.converted(to: .u8))
    default: try compareStrings(a, b)
    }
  }

  private func compareStrings(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor {
    let shape = try TensorRoom.checked(try Broadcasting.shape(a.shape, b.shape))
    var results: [Bool] = []
    Broadcasting.forEach(shape, a.shape, b.shape) {
      results.append(holds(ScalarText(a.strings[$0]), ScalarText(b.strings[$1])))
    }
    return Tensor(results, shape: shape)
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [
      Broadcasting.contents(context) { pair in
        if let a = pair[0].value, let b = pair[1].value { return holds(a, b) ? 1 : 0 }
        let difference = pair[0] - pair[1]
        let low = difference.lowerBound ?? .min
        let high = difference.upperBound ?? .max
        guard low <= high else { return nil }
        return holds(difference: low...high).map { $0 ? 1 : 0 }
      }
    ]
  }
}

/// A comparison of two elements of one type.
private struct Compared<Operator: Comparison, T: TensorElement & Comparable>: PairFunction {
  let function: Operator

  func callAsFunction(_ a: T, _ b: T) -> Bool { function.holds(a, b) }
}
