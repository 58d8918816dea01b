import Glibc
package import IR

/// `y = ln(x)`, element by element; NaN for negative numbers.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Log-13 (versions 1, 6, 13).
package struct Log: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Log", versions: [1, 6, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { log(x) }
}
