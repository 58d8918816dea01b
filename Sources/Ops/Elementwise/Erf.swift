import Glibc
package import IR

/// `y = erf(x) = 2/sqrt(pi) * integral of e^(-t^2) from 0 to x`.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Erf-13 (versions 9, 13).
package struct Erf: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Erf", versions: [9, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { erf(x) }
}
