import Glibc
package import IR

/// `y = arctan(x)` in radians.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Atan-22 (versions 7, 22).
package struct Atan: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Atan", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { atan(x) }
}
