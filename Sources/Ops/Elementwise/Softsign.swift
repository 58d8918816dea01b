package import IR

/// `y = x / (1 + |x|)`, element by element.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Softsign-22 (versions 1, 22).
package struct Softsign: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Softsign", versions: [1, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { x / (1 + x.magnitude) }
}
