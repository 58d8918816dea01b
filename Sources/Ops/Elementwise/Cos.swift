import Glibc
package import IR

/// `y = cos(x)`, `x` in radians.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Cos-22 (versions 7, 22).
package struct Cos: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Cos", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { cos(x) }
}
