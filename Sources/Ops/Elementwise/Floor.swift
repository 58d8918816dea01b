package import IR

/// `y` is the greatest integer not above `x`.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Floor-13 (versions 1, 6, 13).
package struct Floor: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Floor", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { x.rounded(.down) }
}
