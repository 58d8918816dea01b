import Glibc
public import IR

/// `y = artanh(x)`; NaN outside `-1...1`.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Atanh-22 (versions 9, 22).
public struct Atanh: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Atanh", versions: [9, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { atanh(x) }
}
