import Glibc
package import IR

/// `y = tan(x)`, `x` in radians.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Tan-22 (versions 7, 22).
package struct Tan: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Tan", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { tan(x) }
}
