import Glibc
public import IR

/// `y = arcosh(x)`; NaN below 1.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Acosh-22 (versions 9, 22).
public struct Acosh: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Acosh", versions: [9, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { acosh(x) }
}
