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
    case .f32: try Broadcasting.zip(a, Float.self, b, Float.self) { holds($0, $1) }
    case .f64: try Broadcasting.zip(a, Double.self, b, Double.self) { holds($0, $1) }
    case .f16: try Broadcasting.zip(a, Float16.self, b, Float16.self) { holds($0, $1) }
    case .bf16:
      try Broadcasting.zip(a, BFloat16.self, b, BFloat16.self) { holds($0.float, $1.float) }
    case .i8: try Broadcasting.zip(a, Int8.self, b, Int8.self) { holds($0, $1) }
    case .i16: try Broadcasting.zip(a, Int16.self, b, Int16.self) { holds($0, $1) }
    case .i32: try Broadcasting.zip(a, Int32.self, b, Int32.self) { holds($0, $1) }
    case .i64: try Broadcasting.zip(a, Int64.self, b, Int64.self) { holds($0, $1) }
    case .u8: try Broadcasting.zip(a, UInt8.self, b, UInt8.self) { holds($0, $1) }
    case .u16: try Broadcasting.zip(a, UInt16.self, b, UInt16.self) { holds($0, $1) }
    case .u32: try Broadcasting.zip(a, UInt32.self, b, UInt32.self) { holds($0, $1) }
    case .u64: try Broadcasting.zip(a, UInt64.self, b, UInt64.self) { holds($0, $1) }
    case .bool:
      try Broadcasting.zip(a, Bool.self, b, Bool.self) { holds($0 ? 1 : 0, $1 ? 1 : 0) }
    default: try compareStrings(a, b)
    }
  }

  private func compareStrings(_ a: Tensor, _ b: Tensor) throws(Diagnostic) -> Tensor {
    let shape = try Broadcasting.checked(try Broadcasting.shape(a.shape, b.shape))
    var results: [Bool] = []
    Broadcasting.forEach(shape, a.shape, b.shape) {
      results.append(holds(a.strings[$0], b.strings[$1]))
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
