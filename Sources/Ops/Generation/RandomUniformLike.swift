package import Diagnostics
package import IR
package import Tensors

/// Numbers drawn evenly from `low..<high`, of the shape of the input.
///
/// With a seed the numbers are those that NumPy's `RandomState` draws; without one they differ in every run.
///
/// - Input: `input` of any type, whose shape matters only. Output: `output`, same shape.
/// - Attributes: `low` (default 0), `high` (default 1), `seed`, `dtype` (default that of the input).
/// - Errors: `type.element`, `shape.too-large`.
/// - Source: ONNX RandomUniformLike-22 (versions 1, 22).
package struct RandomUniformLike: TensorOp {
  package static let schema = OpSchema(
    "RandomUniformLike", versions: [1, 22], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")], types: ["T1": .all, "T2": .floats])

  package let form: RandomForm
  package let low: Double
  package let high: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RandomForm(&attributes)
    low = try attributes.float("low", default: 0)
    high = try attributes.float("high", default: 1)
  }

  package init(low: Double = 0, high: Double = 1, form: RandomForm = RandomForm()) {
    self.low = low
    self.high = high
    self.form = form
  }

  package var attributes: Attributes {
    Attributes {
      form.describe(in: &$0)
      $0.float("low", low, default: 0)
      $0.float("high", high, default: 1)
    }
  }

  package var isDeterministic: Bool { form.seed != nil }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    return [.tensor(TensorType(try form.element(default: type.element), type.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let type = try form.element(default: inputs[0].type)
    return [try form.fill(inputs[0].shape, type) { low + (high - low) * $0.uniform() }]
  }
}
