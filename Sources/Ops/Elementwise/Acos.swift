import Glibc
package import IR

/// `y = arccos(x)` in radians; NaN outside `-1...1`.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Acos-22 (versions 7, 22).
package struct Acos: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Acos", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { acos(x) }
}
