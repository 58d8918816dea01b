import Glibc
public import IR

/// `y = sin(x)`, `x` in radians.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Sin-22 (versions 7, 22).
public struct Sin: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Sin", versions: [7, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { sin(x) }
}
