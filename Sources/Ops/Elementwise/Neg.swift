public import IR

/// `y = -x`, element by element; the least signed integer stays itself.
///
/// - Input: `X` of any shape and signed type. Output: `Y`, same shape and type.
/// - Source: ONNX Neg-13 (versions 1, 6, 13).
public struct Neg: NumericUnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Neg", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .signed])

  public init() {}

  public func apply(_ x: Double) -> Double { -x }

  public func apply<I: FixedWidthInteger>(_ x: I) -> I { 0 &- x }
}
