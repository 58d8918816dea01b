package import IR

/// `y` has every bit of `x` flipped.
///
/// - Input: `X` of any shape and integer type. Output: `Y`, same shape and type.
/// - Source: ONNX BitwiseNot-18.
package struct BitwiseNot: NumericUnaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "BitwiseNot", versions: [18], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
    types: ["T": .integers])

  package init() {}

  package func apply(_ x: Double) -> Double { x }

  package func apply<I: FixedWidthInteger>(_ x: I) -> I { ~x }
}
