import Glibc
package import IR

/// `y = artanh(x)`; NaN outside `-1...1`.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Atanh-22 (versions 9, 22).
package struct Atanh: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Atanh", versions: [9, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { atanh(x) }
}
