package import Diagnostics
package import IR
package import Tensors

/// `c = a / b` with multidirectional broadcasting; integers round toward zero.
///
/// - Inputs: `A`, `B` of one numeric type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Errors: `shape.broadcast`, `run.division-by-zero` for integers.
/// - Source: ONNX Div-14 (versions 7, 13, 14).
package struct Div: BinaryElementwise, AttributeFree, ContentInferring {
  package static let schema = OpSchema(
    "Div", versions: [7, 13, 14], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .numeric])

  package init() {}

  package func apply(_ a: Double, _ b: Double) -> Double { a / b }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I {
    a.dividedReportingOverflow(by: b).partialValue
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    try IntegerDivision.check(inputs[1])
    return [try combine(inputs[0], inputs[1])]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [Broadcasting.contents(context) { IndexExpr.quotient($0[0], $0[1]) }]
  }
}
