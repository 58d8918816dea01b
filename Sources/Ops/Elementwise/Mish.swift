import Glibc
package import IR

/// `y = x * tanh(ln(1 + e^x))`, element by element.
///
/// Misra 2019, arXiv:1908.08681.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Mish-22 (versions 18, 22).
package struct Mish: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Mish", versions: [18, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { x * tanh(Activation.softplus(x)) }
}
