package import Diagnostics
package import IR
package import Tensors

/// `c` is true where exactly one of `a` and `b` is; exclusive or of booleans, with multidirectional broadcasting.
///
/// - Inputs: `A`, `B`, booleans whose shapes broadcast. Output: booleans of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Xor-7.
package struct Xor: TensorOp, AttributeFree, ContentInferring, PairFunction {
  package static let schema = OpSchema(
    "Xor", versions: [7], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T1")], types: ["T": .bool, "T1": .bool])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(.bool, try Broadcasting.shape(try context.shape(0), try context.shape(1)))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try Broadcasting.zip(inputs[0], inputs[1], self)]
  }

  func callAsFunction(_ a: Bool, _ b: Bool) -> Bool { a != b }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [Broadcasting.contents(context) { $0[0] + $0[1] - 2 * $0[0] * $0[1] }]
  }
}
