package import IR

/// `y = |x|`, element by element; the least signed integer stays itself.
///
/// - Input: `X` of any shape and numeric type. Output: `Y`, same shape and type.
/// - Source: ONNX Abs-13 (versions 1, 6, 13).
package struct Abs: NumericUnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Abs", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .numeric])

  package init() {}

  package func apply(_ x: Double) -> Double { x.magnitude }

  package func apply<I: FixedWidthInteger>(_ x: I) -> I { x < 0 ? 0 &- x : x }
}
