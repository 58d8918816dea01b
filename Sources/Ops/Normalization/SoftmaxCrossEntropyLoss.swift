package import Diagnostics
package import IR
package import Tensors

/// The cross entropy between the softmax of scores and target classes, weighted, and by default averaged.
///
/// - Inputs: `scores` `[N, C, D1...Dn]`, `labels` `[N, D1...Dn]` of classes, optional `weights` `[C]`. Outputs: `output`
///   like `labels` with reduction `none`, else a scalar; optional `log_prob` like `scores`.
/// - Errors: `shape.rank`, `shape.loss`, `attribute.value`, `index.out-of-range`.
/// - Source: ONNX SoftmaxCrossEntropyLoss-13 (versions 12, 13).
package struct SoftmaxCrossEntropyLoss: TensorOp {
  package static let schema = OpSchema(
    "SoftmaxCrossEntropyLoss", versions: [12, 13],
    inputs: [.required("scores", "T"), .required("labels", "Tind"), .optional("weights", "T")],
    outputs: [.required("output", "T"), .optional("log_prob", "T")],
    types: ["T": .floats, "Tind": .indices])

  package var form: ClassLoss

  package init(form: ClassLoss = ClassLoss()) { self.form = form }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try ClassLoss(&attributes)
  }

  package var attributes: Attributes { Attributes { form.write(to: &$0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let weight = context.hasInput(2) ? try context.shape(2) : nil
    let shape = try form.shape(try context.shape(0), try context.shape(1), weight)
    return [.tensor(try context.element(0), shape), .tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let scores = inputs[0]
    guard scores.rank >= 2 else {
      throw Diagnostic("shape.rank", "scores have rank \(scores.rank), expected at least 2")
    }
    var logs = scores.doubles
    AxisSplit(scores.shape, axis: 1).mapLanes(&logs) { LogSoftmax().transform(&$0) }
    let loss = try form.loss(
      of: logs, like: scores, targets: inputs[1], weight: inputs.optional(2))
    return [loss, Tensor(doubles: logs, shape: scores.shape, type: scores.type)]
  }
}
