package import IR
package import Tensors

/// `c = a - b` with multidirectional broadcasting; integers wrap.
///
/// - Inputs: `A`, `B` of one numeric type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Sub-14 (versions 7, 13, 14).
package struct Sub: BinaryElementwise, AttributeFree, ContentInferring {
  package static let schema = OpSchema(
    "Sub", versions: [7, 13, 14], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .numeric])

  package init() {}

  package func apply(_ a: Double, _ b: Double) -> Double { a - b }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &- b }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [Broadcasting.contents(context) { $0[0] - $0[1] }]
  }
}
