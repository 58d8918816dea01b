package import IR

/// `y` is -1, 0 or 1 as `x` is below, equal to or above zero; NaN stays NaN.
///
/// - Input: `input` of any shape and numeric type. Output: `output`, same shape and type.
/// - Source: ONNX Sign-13 (versions 9, 13).
package struct Sign: NumericUnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "Sign", versions: [9, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .numeric])

  package init() {}

  package func apply(_ x: Double) -> Double { x > 0 ? 1 : (x < 0 ? -1 : x) }

  package func apply<I: FixedWidthInteger>(_ x: I) -> I { x.signum() }
}
