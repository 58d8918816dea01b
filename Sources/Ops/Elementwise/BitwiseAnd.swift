public import IR

/// The conjunction of the bits of two integers, with multidirectional broadcasting.
///
/// - Inputs: `A`, `B` of one integer type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX BitwiseAnd-18.
public struct BitwiseAnd: IntegerBinaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "BitwiseAnd", versions: [18], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .integers])

  public init() {}

  public func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a & b }
}
