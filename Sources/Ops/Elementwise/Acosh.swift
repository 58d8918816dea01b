import Glibc
package import IR

/// `y = arcosh(x)`; NaN below 1.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Acosh-22 (versions 9, 22).
package struct Acosh: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Acosh", versions: [9, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { acosh(x) }
}
