package import IR

/// `y = x * max(0, min(1, x / 6 + 1/2))`, element by element.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX HardSwish-22 (versions 14, 22).
package struct HardSwish: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "HardSwish", versions: [14, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { x * Activation.clamp(x / 6 + 0.5, 0, 1) }
}
