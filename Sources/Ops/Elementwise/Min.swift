package import IR
package import Tensors

/// The least of all inputs, element by element; NaN where any is NaN.
///
/// - Inputs: at least one tensor, all of one numeric type, shapes that broadcast. Output: the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Min-13 (versions 1, 6, 8, 12, 13).
package struct Min: VariadicElementwise, AttributeFree, ContentInferring {
  package static let schema = OpSchema(
    "Min", versions: [1, 6, 8, 12, 13], inputs: [.variadic("data_0", "T")],
    outputs: [.required("min", "T")], types: ["T": .numeric])

  package init() {}

  package func apply(_ a: Double, _ b: Double) -> Double { a < b || a.isNaN ? a : b }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a < b ? a : b }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [Broadcasting.contents(context) { $0.dropFirst().reduce($0[0]) { .min($0, $1) } }]
  }
}
