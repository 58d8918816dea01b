package import IR

/// `y = 1 / x`, element by element.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Reciprocal-13 (versions 1, 6, 13).
package struct Reciprocal: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Reciprocal", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { 1 / x }
}
