import Glibc
public import IR

/// `y = arctan(x)` in radians.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Atan-22 (versions 7, 22).
public struct Atan: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Atan", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { atan(x) }
}
