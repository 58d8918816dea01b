package import Diagnostics
package import IR
package import Tensors

/// `y = x > threshold ? 1 : 0`.
///
/// - Input: `X` of a numeric type. Output: `Y`, same shape and type.
/// - Attribute: `threshold`, 0 by default.
/// - Source: ai.onnx.ml Binarizer-1.
package struct Binarizer: TensorOp {
  package static let schema = OpSchema(
    "Binarizer", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .numeric])

  package var threshold: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    threshold = try attributes.float("threshold", default: 0)
  }

  package var attributes: Attributes { Attributes { $0.float("threshold", threshold, default: 0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let marks = x.doubles.map { $0 > threshold ? 1.0 : 0.0 }
    return [Tensor(doubles: marks, shape: x.shape, type: x.type)]
  }
}
