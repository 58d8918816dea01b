package import IR

/// `y = ln(1 + e^x)`, element by element.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Softplus-22 (versions 1, 22).
package struct Softplus: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Softplus", versions: [1, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { Activation.softplus(x) }
}
