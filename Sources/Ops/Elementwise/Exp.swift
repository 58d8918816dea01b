import Glibc
package import IR

/// `y = e^x`, element by element.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Exp-13 (versions 1, 6, 13).
package struct Exp: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Exp", versions: [1, 6, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { exp(x) }
}
