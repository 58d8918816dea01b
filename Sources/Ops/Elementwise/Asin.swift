import Glibc
package import IR

/// `y = arcsin(x)` in radians; NaN outside `-1...1`.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Asin-22 (versions 7, 22).
package struct Asin: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Asin", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { asin(x) }
}
