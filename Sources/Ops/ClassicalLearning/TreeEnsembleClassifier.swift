package import Diagnostics
package import IR
package import Tensors

/// Decision trees whose leaves vote with weights for classes; the label of the highest score wins.
///
/// - Input: `X` of a numeric type, `[N, C]`. Outputs: `Y`, the labels, `i64` or strings `[N]`; `Z`, `f32[N, classes]`.
///   When all votes are for one class of two, they score the second, and the first is `1 - score` without a
///   transform that maps to probabilities, else `-score`.
/// - Attributes: nodes and votes (`class_*`) as parallel lists, `base_values`, `classlabels_int64s` or
///   `classlabels_strings`, `post_transform`.
/// - Errors: `attribute.length`, `attribute.value`, `attribute.tree`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml TreeEnsembleClassifier-3 (versions 1, 3 with tensors; 5 keeps it for old models).
package struct TreeEnsembleClassifier: TensorOp {
  package static let schema = OpSchema(
    "TreeEnsembleClassifier", domain: "ai.onnx.ml", versions: [1, 3, 5],
    inputs: [.required("X", "T1")], outputs: [.required("Y", "T2"), .required("Z", "F")],
    types: ["T1": .numeric, "T2": [.i64, .string], "F": [.f32]])

  package let attributes: Attributes
  let forest: NumberedForest
  let labels: ClassLabels
  let transform: ScoreTransform

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    forest = try NumberedForest(&reader, votes: "class")
    labels = try ClassLabels(&reader, integers: "classlabels_int64s")
    let name = try reader.string("post_transform", default: "NONE", oneOf: ScoreTransform.names)
    transform = ScoreTransform(rawValue: name) ?? .none
    var store = forest.attributes
    labels.store(&store)
    store.string("post_transform", name, default: "NONE")
    attributes = store
  }

  var isBinary: Bool { forest.votedTargets.count == 1 && labels.count <= 2 }
  var classCount: Int { isBinary ? 2 : max(labels.count, 1) }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let known = try context.knownShape(0).map { shape throws(Diagnostic) in
      try Columns.rows(shape)
    }
    let rows = known ?? context.freshDimension(axis: 0)
    return [.tensor(labels.type, [rows]), .tensor(.f32, [rows, IndexExpr(classCount)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    var scores = try forest.scores(inputs[0], targets: classCount)
    if isBinary, let target = forest.votedTargets.first {
      let isPlain = transform == .none || transform == .probit
      scores = scores.map { row in
        let score = row.indices.contains(target) ? row[target] : 0
        return [isPlain ? 1 - score : -score, score]
      }
    }
    scores = scores.map(transform.apply)
    let flat = scores.flatMap { $0 }
    return [
      labels.best(scores), Tensor(doubles: flat, shape: [scores.count, classCount], type: .f32),
    ]
  }
}
