package import Diagnostics
package import IR
package import Tensors

/// The negated log-probability of each target class, weighted, and by default averaged.
///
/// - Inputs: `input` `[N, C, D1...Dn]` of log-probabilities, `target` `[N, D1...Dn]` of classes, optional `weight` `[C]`.
///   Output: `loss` like `target` with reduction `none`, else a scalar.
/// - Errors: `shape.rank`, `shape.loss`, `attribute.value`, `index.out-of-range`.
/// - Source: ONNX NegativeLogLikelihoodLoss-22 (versions 12, 13, 22).
package struct NegativeLogLikelihoodLoss: TensorOp {
  package static let schema = OpSchema(
    "NegativeLogLikelihoodLoss", versions: [12, 13, 22],
    inputs: [.required("input", "T"), .required("target", "Tind"), .optional("weight", "T")],
    outputs: [.required("loss", "T")], types: ["T": .floats, "Tind": .indices])

  package var form: ClassLoss

  package init(form: ClassLoss = ClassLoss()) { self.form = form }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try ClassLoss(&attributes)
  }

  package var attributes: Attributes { Attributes { form.write(to: &$0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let weight = context.hasInput(2) ? try context.shape(2) : nil
    let shape = try form.shape(try context.shape(0), try context.shape(1), weight)
    return [.tensor(try context.element(0), shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [
      try form.loss(
        of: inputs[0].doubles, like: inputs[0], targets: inputs[1], weight: inputs.optional(2))
    ]
  }
}
