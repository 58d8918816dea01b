public import Diagnostics
public import IR
public import Tensors

/// `c = a / b` with multidirectional broadcasting; integers round toward zero.
///
/// - Inputs: `A`, `B` of one numeric type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Errors: `shape.broadcast`, `run.division-by-zero` for integers.
/// - Source: ONNX Div-14 (versions 7, 13, 14).
public struct Div: BinaryElementwise, AttributeFree, ContentInferring {
  public static let schema = OpSchema(
    "Div", versions: [7, 13, 14], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .numeric])

  public init() {}

  public func apply(_ a: Double, _ b: Double) -> Double { a / b }

  public func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I {
    a.dividedReportingOverflow(by: b).partialValue
  }

  public func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    try IntegerDivision.check(inputs[1])
    return [try combine(inputs[0], inputs[1])]
  }

  public func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [Broadcasting.contents(context) { IndexExpr.quotient($0[0], $0[1]) }]
  }
}
