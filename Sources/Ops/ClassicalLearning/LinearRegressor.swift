package import Diagnostics
package import IR
package import Tensors

/// `y[n, t] = x[n] . coefficients[t] + intercepts[t]`.
///
/// - Input: `X` of a numeric type, `[N, C]` or `[C]`. Output: `Y`, `f32[N, targets]`.
/// - Attributes: `coefficients` (targets times columns), `intercepts`, `targets` (1), `post_transform`.
/// - Errors: `attribute.length`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml LinearRegressor-1.
package struct LinearRegressor: TensorOp {
  package static let schema = OpSchema(
    "LinearRegressor", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "F")], types: ["T": .numeric, "F": [.f32]])

  package var targets: Int
  let model: LinearModel
  let transform: ScoreTransform

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    targets = try attributes.int("targets", default: 1)
    let name = try attributes.string(
      "post_transform", default: "NONE", oneOf: ScoreTransform.names)
    transform = ScoreTransform(rawValue: name) ?? .none
    model = LinearModel(
      coefficients: try attributes.floats("coefficients") ?? [],
      intercepts: try attributes.floats("intercepts"))
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("targets", targets, default: 1)
      $0.string("post_transform", transform.rawValue, default: "NONE")
      $0.floats("coefficients", model.coefficients)
      $0.floats("intercepts", model.intercepts)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let rows = try context.knownShape(0).map { shape throws(Diagnostic) in
      try Columns.rows(shape)
    }
    return [.tensor(.f32, [rows ?? context.freshDimension(axis: 0), IndexExpr(targets)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let scores = try model.scores(inputs[0])
    guard scores.allSatisfy({ $0.count == targets }) else {
      throw Diagnostic(
        "attribute.length", "'coefficients' give \(scores[0].count) targets, expected \(targets)")
    }
    let results = scores.flatMap(transform.apply)
    return [Tensor(doubles: results, shape: [scores.count, targets], type: .f32)]
  }
}
