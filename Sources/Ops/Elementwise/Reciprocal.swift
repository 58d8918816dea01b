public import IR

/// `y = 1 / x`, element by element.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Reciprocal-13 (versions 1, 6, 13).
public struct Reciprocal: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Reciprocal", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { 1 / x }
}
