package import IR

/// The sum of all inputs, element by element.
///
/// - Inputs: at least one tensor, all of one floating-point type, shapes that broadcast. Output: the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Sum-13 (versions 1, 6, 8, 13).
package struct Sum: VariadicElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Sum", versions: [1, 6, 8, 13], inputs: [.variadic("data_0", "T")],
    outputs: [.required("sum", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ a: Double, _ b: Double) -> Double { a + b }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &+ b }
}
