import Glibc
package import IR

/// `y = cosh(x)`, element by element.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Cosh-22 (versions 9, 22).
package struct Cosh: UnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Cosh", versions: [9, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package init() {}

  package func apply(_ x: Double) -> Double { cosh(x) }
}
