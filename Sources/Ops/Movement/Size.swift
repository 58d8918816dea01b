package import Diagnostics
package import IR
package import Tensors

/// The number of elements of a tensor.
///
/// - Input: `data` of any type. Output: `size`, an `i64` scalar.
/// - Source: ONNX Size-25 (versions 1, 13, 19-25).
package struct Size: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Size", versions: [1, 13, 19, 21, 23, 24, 25], inputs: [.required("data", "T")],
    outputs: [.required("size", "T1")], types: ["T": .all, "T1": .i64])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(.i64, [])]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.types.first??.tensor?.shape.map { [$0.product] }]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [Tensor(scalar: Int64(inputs[0].elementCount))]
  }
}
