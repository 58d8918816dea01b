package import IR

/// `y` is the integer nearest to `x`, halves to the even one.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Round-22 (versions 11, 22).
package struct Round: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Round", versions: [11, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}
