import Glibc
public import IR

/// `y = cosh(x)`, element by element.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Cosh-22 (versions 9, 22).
public struct Cosh: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Cosh", versions: [9, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { cosh(x) }
}
