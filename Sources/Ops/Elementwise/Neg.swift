package import IR

/// `y = -x`, element by element; the least signed integer stays itself.
///
/// - Input: `X` of any shape and signed type. Output: `Y`, same shape and type.
/// - Source: ONNX Neg-13 (versions 1, 6, 13).
package struct Neg: NumericUnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Neg", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .signed])

  package init() {}

  package func apply(_ x: Double) -> Double { -x }

  package func apply<I: FixedWidthInteger>(_ x: I) -> I { 0 &- x }
}
