package import Diagnostics
package import IR
package import Tensors

/// `y = (x - offset) * scale`, by column.
///
/// - Input: `X` of a numeric type, `[..., C]`. Output: `Y`, `f32`, same shape.
/// - Attributes: `offset` (0) and `scale` (1), one number or one per column.
/// - Errors: `attribute.length`.
/// - Source: ai.onnx.ml Scaler-1.
package struct Scaler: TensorOp {
  package static let schema = OpSchema(
    "Scaler", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "F")], types: ["T": .numeric, "F": [.f32]])

  package var offset: [Double]?
  package var scale: [Double]?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    offset = try attributes.floats("offset")
    scale = try attributes.floats("scale")
  }

  package var attributes: Attributes {
    Attributes {
      $0.floats("offset", offset)
      $0.floats("scale", scale)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(.f32, try context.knownShape(0)))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let columns = x.shape.last ?? 1
    let (offset, scale) = (offset ?? [0], scale ?? [1])
    try Columns.check("offset", count: offset.count, columns: columns)
    try Columns.check("scale", count: scale.count, columns: columns)
    let scaled = x.doubles.enumerated().map { index, value in
      let column = index % columns
      return (value - offset[column % offset.count]) * scale[column % scale.count]
    }
    return [Tensor(doubles: scaled, shape: x.shape, type: .f32)]
  }
}
