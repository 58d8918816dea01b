package import Diagnostics
package import IR
package import Tensors

/// Replaces the value that stands for "missing", by column.
///
/// - Input: `X` of type f32, f64, i32 or i64, `[..., C]`. Output: `Y`, same shape and type.
/// - Attributes: `imputed_value_floats` with `replaced_value_float` (0; NaN means every NaN) or
///   `imputed_value_int64s` with `replaced_value_int64` (0); one value or one per column.
/// - Errors: `attribute.missing`, `attribute.length`.
/// - Source: ai.onnx.ml Imputer-1.
package struct Imputer: TensorOp {
  package static let schema = OpSchema(
    "Imputer", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": [.f32, .f64, .i32, .i64]])

  package let attributes: Attributes
  let floats: [Double]?
  let integers: [Int]?
  let missingFloat: Double
  let missingInteger: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    let floats = try attributes.floats("imputed_value_floats")
    let integers = try attributes.ints("imputed_value_int64s")
    let missingFloat = try attributes.float("replaced_value_float", default: 0)
    let missingInteger = try attributes.int("replaced_value_int64", default: 0)
    self.attributes = Attributes {
      $0.floats("imputed_value_floats", floats)
      $0.ints("imputed_value_int64s", integers)
      $0.float("replaced_value_float", missingFloat, default: 0)
      $0.int("replaced_value_int64", missingInteger, default: 0)
    }
    (self.floats, self.integers) = (floats, integers)
    (self.missingFloat, self.missingInteger) = (missingFloat, missingInteger)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let columns = x.shape.last ?? 1
    if let values = x.integers {
      guard let integers else { throw missing("imputed_value_int64s") }
      try Columns.check("imputed_value_int64s", count: integers.count, columns: columns)
      let full = values.enumerated().map { index, value in
        value == missingInteger ? integers[index % columns % integers.count] : value
      }
      return [Tensor(integers: full, shape: x.shape, type: x.type)]
    }
    guard let floats else { throw missing("imputed_value_floats") }
    try Columns.check("imputed_value_floats", count: floats.count, columns: columns)
    let full = x.doubles.enumerated().map { index, value in
      let isMissing = missingFloat.isNaN ? value.isNaN : value == missingFloat
      return isMissing ? floats[index % columns % floats.count] : value
    }
    return [Tensor(doubles: full, shape: x.shape, type: x.type)]
  }

  private func missing(_ name: String) -> Diagnostic {
    Diagnostic("attribute.missing", "attribute '\(name)' is missing")
  }
}
