import Glibc
package import IR

/// `y = sinh(x)`, element by element.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Sinh-22 (versions 9, 22).
package struct Sinh: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Sinh", versions: [9, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { sinh(x) }
}
