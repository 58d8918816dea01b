package import Diagnostics
package import IR
package import Tensors

/// Scores classes by weighted sums of columns and names the best.
///
/// - Input: `X` of a numeric type, `[N, C]` or `[C]`. Outputs: `Y`, the labels, `i64` or strings `[N]`; `Z`, `f32[N, classes]`,
///   the scores. One row of coefficients for two labels scores the second, and the first by its negative.
/// - Attributes: `coefficients` (classes times columns, required), `intercepts`, `classlabels_ints` or
///   `classlabels_strings`, `multi_class` (kept, without effect), `post_transform`.
/// - Errors: `attribute.missing`, `attribute.length`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml LinearClassifier-1.
package struct LinearClassifier: TensorOp {
  package static let schema = OpSchema(
    "LinearClassifier", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T1")],
    outputs: [.required("Y", "T2"), .required("Z", "F")],
    types: ["T1": .numeric, "T2": [.i64, .string], "F": [.f32]])

  let model: LinearModel
  let labels: ClassLabels
  let transform: ScoreTransform
  private let multiClass: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let coefficients = try attributes.floats("coefficients") else {
      throw attributes.missing("coefficients")
    }
    model = LinearModel(
      coefficients: coefficients, intercepts: try attributes.floats("intercepts"))
    labels = try ClassLabels(&attributes, integers: "classlabels_ints")
    multiClass = try attributes.int("multi_class", default: 0)
    let name = try attributes.string(
      "post_transform", default: "NONE", oneOf: ScoreTransform.names)
    transform = ScoreTransform(rawValue: name) ?? .none
  }

  package var attributes: Attributes {
    Attributes {
      $0.floats("coefficients", model.coefficients)
      $0.floats("intercepts", model.intercepts)
      labels.store(&$0)
      $0.int("multi_class", multiClass, default: 0)
      $0.string("post_transform", transform.rawValue, default: "NONE")
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try context.knownShape(0)
    let rows = try shape.map { shape throws(Diagnostic) in try Columns.rows(shape) }
    let samples = rows ?? context.freshDimension(axis: 0)
    var classes = context.freshDimension(output: 1, axis: 1)
    if labels.count > 1 {
      classes = IndexExpr(labels.count)
    } else if let columns = shape?.last?.value, columns > 0 {
      classes = IndexExpr(model.coefficients.count / columns)
    }
    return [.tensor(labels.type, [samples]), .tensor(.f32, [samples, classes])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let raw = try model.scores(inputs[0])
    let scores = raw.map { row in
      transform.apply(row.count == 1 && labels.count == 2 ? [-row[0], row[0]] : row)
    }
    let classes = scores.first?.count ?? labels.count
    let names: Tensor
    if classes == 1 {
      names = memberLabels.select(scores.map { $0[0] >= memberThreshold ? 1 : 0 })
    } else {
      names = labels.best(scores)
    }
    let flat = scores.flatMap { $0 }
    return [names, Tensor(doubles: flat, shape: [scores.count, classes], type: .f32)]
  }

  /// From which score on a sample is in the only class.
  var memberThreshold: Double { transform == .none ? 0 : 0.5 }

  /// With one class the label says whether the sample is in it: 0 or an empty string when not.
  var memberLabels: ClassLabels {
    ClassLabels(
      integers: labels.strings == nil ? [0, labels.integers?.first ?? 1] : nil,
      strings: labels.strings.map { ["", $0.first ?? ""] })
  }
}
