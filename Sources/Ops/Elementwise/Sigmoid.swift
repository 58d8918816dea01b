import Glibc
package import IR

/// `y = 1 / (1 + e^-x)`, element by element.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Sigmoid-13 (versions 1, 6, 13).
package struct Sigmoid: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Sigmoid", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
