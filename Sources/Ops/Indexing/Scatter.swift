package import Diagnostics
package import IR
package import Tensors

/// The older name of `ScatterElements` without a reduction; models that use it are imported as that.
///
/// - Source: ONNX Scatter-11 (versions 9, 11).
package struct Scatter: TensorOp {
  package static let schema = OpSchema(
    "Scatter", versions: [9, 11],
    inputs: [.required("data", "T"), .required("indices", "Tind"), .required("updates", "T")],
    outputs: [.required("output", "T")], types: ["T": .all, "Tind": .indices])

  private let newer: ScatterElements

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    newer = try ScatterElements(&attributes)
  }

  package var attributes: Attributes { newer.attributes }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    node.op = "ScatterElements"
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    try newer.infer(context)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    try newer.evaluate(inputs)
  }
}
