package import Diagnostics
package import IR
package import Tensors

/// Numbers drawn from the normal distribution.
///
/// With a seed the numbers are those that NumPy's `RandomState` draws; without one they differ in every run.
///
/// - Output: `output` of the attribute's shape and type.
/// - Attributes: `mean` (default 0), `scale`, the deviation (default 1), `seed`, `dtype` (default f32), `shape`, required.
/// - Errors: `type.element`, `shape.too-large`, `attribute.missing`.
/// - Source: ONNX RandomNormal-22 (versions 1, 22).
package struct RandomNormal: TensorOp {
  package static let schema = OpSchema(
    "RandomNormal", versions: [1, 22], inputs: [],
    outputs: [.required("output", "T2")], types: ["T2": .floats])

  package let form: RandomForm
  package let shape: [Int]
  package let mean: Double
  package let scale: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RandomForm(&attributes)
    guard let shape = try attributes.ints("shape") else { throw attributes.missing("shape") }
    self.shape = shape
    mean = try attributes.float("mean", default: 0)
    scale = try attributes.float("scale", default: 1)
  }

  package init(shape: [Int], mean: Double = 0, scale: Double = 1, form: RandomForm = RandomForm()) {
    self.shape = shape
    self.mean = mean
    self.scale = scale
    self.form = form
  }

  package var attributes: Attributes {
    Attributes {
      form.describe(in: &$0)
      $0.ints("shape", shape)
      $0.float("mean", mean, default: 0)
      $0.float("scale", scale, default: 1)
    }
  }

  package var isDeterministic: Bool { form.seed != nil }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try TensorRoom.possible(shape)
    return [.tensor(try form.element(default: .f32), shape.map { IndexExpr($0) })]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try form.fill(shape, try form.element(default: .f32)) { mean + scale * $0.normal() }]
  }
}
