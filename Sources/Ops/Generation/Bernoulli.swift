package import Diagnostics
package import IR
package import Tensors

/// 1 with the probability that the input gives for its element, else 0.
///
/// - Input: `input`, probabilities in `0...1`, any shape. Output: same shape.
/// - Attributes: `dtype` (default that of the input), `seed`; without a seed every run draws anew.
/// - Errors: `type.element`.
/// - Source: ONNX Bernoulli-22 (versions 15, 22).
package struct Bernoulli: TensorOp {
  package static let schema = OpSchema(
    "Bernoulli", versions: [15, 22], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")],
    types: ["T1": .floats, "T2": TypeSet.numeric.union(.bool)])

  package let form: RandomForm

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RandomForm(&attributes)
  }

  package init(form: RandomForm = RandomForm()) { self.form = form }

  package var attributes: Attributes { Attributes { form.describe(in: &$0) } }

  package var isDeterministic: Bool { form.seed != nil }

  private func element(_ input: ElementType) throws(Diagnostic) -> ElementType {
    try form.element(default: input, allowed: TypeSet.numeric.union(.bool))
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    return [.tensor(TensorType(try element(type.element), type.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let probabilities = inputs[0].doubles
    var place = 0
    let drawn = try form.fill(inputs[0].shape, try element(inputs[0].type)) { generator in
      let probability = probabilities[place]
      place += 1
      return generator.uniform() < probability ? 1 : 0
    }
    return [drawn]
  }
}
