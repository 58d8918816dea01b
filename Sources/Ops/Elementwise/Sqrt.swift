package import IR

/// `y = sqrt(x)`, element by element; NaN for negative numbers.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Sqrt-13 (versions 1, 6, 13).
package struct Sqrt: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Sqrt", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { x.squareRoot() }
}
