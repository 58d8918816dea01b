import Glibc
package import IR

/// `y = sin(x)`, `x` in radians.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Sin-22 (versions 7, 22).
package struct Sin: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Sin", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { sin(x) }
}
