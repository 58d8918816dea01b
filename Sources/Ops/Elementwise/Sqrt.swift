public import IR

/// `y = sqrt(x)`, element by element; NaN for negative numbers.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Sqrt-13 (versions 1, 6, 13).
public struct Sqrt: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Sqrt", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { x.squareRoot() }
}
