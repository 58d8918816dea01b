import Glibc
public import IR

/// `y = e^x`, element by element.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Exp-13 (versions 1, 6, 13).
public struct Exp: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Exp", versions: [1, 6, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { exp(x) }
}
