package import Diagnostics
package import IR
package import Tensors

/// `y = not x`, element by element.
///
/// - Input: `X`, booleans of any shape. Output: `Y`, same shape.
/// - Source: ONNX Not-1.
package struct Not: TensorOp, AttributeFree, ContentInferring {
  package static let schema = OpSchema(
    "Not", versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
    types: ["T": .bool])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [inputs[0].map(Bool.self) { !$0 }]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.contents(0).map { $0.map { 1 - $0 } }]
  }
}
