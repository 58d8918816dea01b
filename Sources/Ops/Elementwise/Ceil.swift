package import IR

/// `y` is the least integer not below `x`.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Ceil-13 (versions 1, 6, 13).
package struct Ceil: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Ceil", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { x.rounded(.up) }
}
