package import IR

/// The disjunction of the bits of two integers, with multidirectional broadcasting.
///
/// - Inputs: `A`, `B` of one integer type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX BitwiseOr-18.
package struct BitwiseOr: IntegerBinaryElementwise, AttributeFree {
  package static let schema = OpSchema(
    "BitwiseOr", versions: [18], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .integers])

  package init() {}

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a | b }
}
