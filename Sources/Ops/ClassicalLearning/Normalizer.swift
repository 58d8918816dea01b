package import Diagnostics
package import IR
package import Tensors

/// Divides every sample by its norm.
///
/// - Input: `X` of a numeric type, `[N, C]` or `[C]`. Output: `Y`, `f32`, same shape; a sample of norm 0 stays 0.
/// - Attribute: `norm`: MAX (of magnitudes), L1 or L2.
/// - Errors: `attribute.value`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml Normalizer-1.
package struct Normalizer: TensorOp {
  package static let schema = OpSchema(
    "Normalizer", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "F")], types: ["T": .numeric, "F": [.f32]])

  package var norm: String

  /// What stands in for a norm of 0.
  static let leastDivisor = 1e-30

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    norm = try attributes.string("norm", default: "MAX", oneOf: ["MAX", "L1", "L2"])
  }

  package var attributes: Attributes { Attributes { $0.string("norm", norm, default: "MAX") } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try context.knownShape(0)
    if let shape { _ = try Columns.rows(shape) }
    return [.tensor(TensorType(.f32, shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let (rows, columns) = try Columns.table(x.shape)
    var values = x.doubles
    for row in 0..<rows {
      let range = row * columns..<(row + 1) * columns
      let divisor = max(length(values[range]), Self.leastDivisor)
      for index in range { values[index] /= divisor }
    }
    return [Tensor(doubles: values, shape: x.shape, type: .f32)]
  }

  private func length(_ sample: ArraySlice<Double>) -> Double {
    switch norm {
    case "L1": sample.reduce(0) { $0 + $1.magnitude }
    case "L2": sample.reduce(0) { $0 + $1 * $1 }.squareRoot()
    default: sample.reduce(0) { max($0, $1.magnitude) }
    }
  }
}
