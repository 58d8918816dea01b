package import Diagnostics
package import IR
package import Tensors

/// Numbers drawn from the normal distribution, of the shape of the input.
///
/// With a seed the numbers are those that NumPy's `RandomState` draws; without one they differ in every run.
///
/// - Input: `input` of any type, whose shape matters only. Output: `output`, same shape.
/// - Attributes: `mean` (default 0), `scale`, the deviation (default 1), `seed`, `dtype` (default that of the input).
/// - Errors: `type.element`, `shape.too-large`.
/// - Source: ONNX RandomNormalLike-22 (versions 1, 22).
package struct RandomNormalLike: TensorOp {
  package static let schema = OpSchema(
    "RandomNormalLike", versions: [1, 22], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")], types: ["T1": .all, "T2": .floats])

  package let form: RandomForm
  package let mean: Double
  package let scale: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RandomForm(&attributes)
    mean = try attributes.float("mean", default: 0)
    scale = try attributes.float("scale", default: 1)
  }

  package init(mean: Double = 0, scale: Double = 1, form: RandomForm = RandomForm()) {
    self.mean = mean
    self.scale = scale
    self.form = form
  }

  package var attributes: Attributes {
    Attributes {
      form.describe(in: &$0)
      $0.float("mean", mean, default: 0)
      $0.float("scale", scale, default: 1)
    }
  }

  package var isDeterministic: Bool { form.seed != nil }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    return [.tensor(TensorType(try form.element(default: type.element), type.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let type = try form.element(default: inputs[0].type)
    return [try form.fill(inputs[0].shape, type) { mean + scale * $0.normal() }]
  }
}
