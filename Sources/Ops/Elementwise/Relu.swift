package import IR

/// `y = max(x, 0)`, element by element; NaN stays NaN.
///
/// - Input: `X` of any shape and signed type. Output: `Y`, same shape and type.
/// - Source: ONNX Relu-14 (versions 1, 6, 13, 14).
package struct Relu: NumericUnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Relu", versions: [1, 6, 13, 14], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .signed])

  package init() {}

  package func apply(_ x: Double) -> Double { x < 0 ? 0 : x }

  package func apply<I: FixedWidthInteger>(_ x: I) -> I { x < 0 ? 0 : x }
}
