package import Diagnostics
package import IR
package import Tensors

/// `y` is true where `x` is infinite with a sign that is asked for.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, booleans of the same shape.
/// - Attributes: `detect_negative`, `detect_positive` (both 1 by default).
/// - Source: ONNX IsInf-20 (versions 10, 20).
package struct IsInf: TensorOp {
  package static let schema = OpSchema(
    "IsInf", versions: [10, 20], inputs: [.required("X", "T1")],
    outputs: [.required("Y", "T2")], types: ["T1": .floatsAndFloat8, "T2": .bool])

  package let detectsNegative: Bool
  package let detectsPositive: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    detectsNegative = try attributes.flag("detect_negative", default: true)
    detectsPositive = try attributes.flag("detect_positive", default: true)
  }

  package init(detectsNegative: Bool = true, detectsPositive: Bool = true) {
    self.detectsNegative = detectsNegative
    self.detectsPositive = detectsPositive
  }

  package var attributes: Attributes {
    Attributes {
      $0.flag("detect_negative", detectsNegative, default: true)
      $0.flag("detect_positive", detectsPositive, default: true)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(.bool, try context.tensorType(0).shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let found = x.doubles.map {
      ($0 == .infinity && detectsPositive) || ($0 == -.infinity && detectsNegative)
    }
    return [Tensor(found, shape: x.shape)]
  }
}
