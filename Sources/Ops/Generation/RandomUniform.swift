package import Diagnostics
package import IR
package import Tensors

/// Numbers drawn evenly from `low..<high`.
///
/// With a seed the numbers are those that NumPy's `RandomState` draws; without one they differ in every run.
///
/// - Output: `output` of the attribute's shape and type.
/// - Attributes: `low` (default 0), `high` (default 1), `seed`, `dtype` (default f32), `shape`, required.
/// - Errors: `type.element`, `shape.too-large`, `attribute.missing`.
/// - Source: ONNX RandomUniform-22 (versions 1, 22).
package struct RandomUniform: TensorOp {
  package static let schema = OpSchema(
    "RandomUniform", versions: [1, 22], inputs: [],
    outputs: [.required("output", "T2")], types: ["T2": .floats])

  package let form: RandomForm
  package let shape: [Int]
  package let low: Double
  package let high: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RandomForm(&attributes)
    guard let shape = try attributes.ints("shape") else { throw attributes.missing("shape") }
    self.shape = shape
    low = try attributes.float("low", default: 0)
    high = try attributes.float("high", default: 1)
  }

  package init(shape: [Int], low: Double = 0, high: Double = 1, form: RandomForm = RandomForm()) {
    self.shape = shape
    self.low = low
    self.high = high
    self.form = form
  }

  package var attributes: Attributes {
    Attributes {
      form.describe(in: &$0)
      $0.ints("shape", shape)
      $0.float("low", low, default: 0)
      $0.float("high", high, default: 1)
    }
  }

  package var isDeterministic: Bool { form.seed != nil }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try TensorRoom.possible(shape)
    return [.tensor(try form.element(default: .f32), shape.map { IndexExpr($0) })]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try form.fill(shape, try form.element(default: .f32)) { low + (high - low) * $0.uniform() }]
  }
}
