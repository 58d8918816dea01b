public import IR

/// `y = |x|`, element by element; the least signed integer stays itself.
///
/// - Input: `X` of any shape and numeric type. Output: `Y`, same shape and type.
/// - Source: ONNX Abs-13 (versions 1, 6, 13).
public struct Abs: NumericUnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Abs", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .numeric])

  public init() {}

  public func apply(_ x: Double) -> Double { x.magnitude }

  public func apply<I: FixedWidthInteger>(_ x: I) -> I { x < 0 ? 0 &- x : x }
}
