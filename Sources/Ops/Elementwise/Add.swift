public import IR
public import Tensors

/// `c = a + b` with multidirectional broadcasting; integers wrap.
///
/// - Inputs: `A`, `B` of one numeric type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Add-14 (versions 7, 13, 14).
public struct Add: BinaryElementwise, AttributeFree, ContentInferring {
  public static let schema = OpSchema(
    "Add", versions: [7, 13, 14], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .numeric])

  public init() {}

  public func apply(_ a: Double, _ b: Double) -> Double { a + b }

  public func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &+ b }

  public func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [Broadcasting.contents(context) { $0[0] + $0[1] }]
  }
}
