package import Diagnostics
package import IR
package import Tensors

/// Decision trees whose leaves vote with weights for targets, in the older form.
///
/// - Input: `X` of a numeric type, `[N, C]`. Output: `Y`, `f32[N, n_targets]`.
/// - Attributes: nodes and votes (`target_*`) as parallel lists, `base_values`, `n_targets`, `aggregate_function`: AVERAGE,
///   SUM, MIN or MAX; `post_transform`.
/// - Errors: `attribute.length`, `attribute.value`, `attribute.tree`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml TreeEnsembleRegressor-3 (versions 1, 3 with tensors; 5 keeps it for old models).
package struct TreeEnsembleRegressor: TensorOp {
  package static let schema = OpSchema(
    "TreeEnsembleRegressor", domain: "ai.onnx.ml", versions: [1, 3, 5],
    inputs: [.required("X", "T")], outputs: [.required("Y", "F")],
    types: ["T": .numeric, "F": [.f32]])

  package let attributes: Attributes
  let forest: NumberedForest
  let targets: Int
  let aggregate: ForestAggregate
  let transform: ScoreTransform

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    forest = try NumberedForest(&reader, votes: "target")
    let targets = try reader.int("n_targets", default: 1)
    let function = try reader.string(
      "aggregate_function", default: "SUM", oneOf: ForestAggregate.names)
    let name = try reader.string("post_transform", default: "NONE", oneOf: ScoreTransform.names)
    guard targets > 0 else {
      throw Diagnostic("attribute.value", "n_targets is \(targets), expected at least 1")
    }
    aggregate = ForestAggregate(rawValue: function) ?? .sum
    transform = ScoreTransform(rawValue: name) ?? .none
    self.targets = targets
    var store = forest.attributes
    store.int("n_targets", targets, default: 1)
    store.string("aggregate_function", function, default: "SUM")
    store.string("post_transform", name, default: "NONE")
    attributes = store
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let rows = try context.knownShape(0).map { shape throws(Diagnostic) in
      try Columns.rows(shape)
    }
    return [.tensor(.f32, [rows ?? context.freshDimension(axis: 0), IndexExpr(targets)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let scores = try forest.scores(inputs[0], targets: targets, aggregate)
    let results = scores.flatMap(transform.apply)
    return [Tensor(doubles: results, shape: [scores.count, targets], type: .f32)]
  }
}
