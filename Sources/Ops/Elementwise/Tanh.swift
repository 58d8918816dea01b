import Glibc
package import IR

/// `y = tanh(x)`, element by element.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Tanh-13 (versions 1, 6, 13).
package struct Tanh: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Tanh", versions: [1, 6, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { tanh(x) }
}
