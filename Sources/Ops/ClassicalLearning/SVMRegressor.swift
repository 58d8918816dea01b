package import Diagnostics
package import IR
package import Tensors

/// A weighted sum of what a kernel makes of each sample and the support vectors.
///
/// - Input: `X` of a numeric type, `[N, C]` or `[C]`. Output: `Y`, `f32[N, 1]`.
/// - Attributes: `n_supports` vectors of `C` columns (0: coefficients weight the columns); `coefficients`, `rho`,
///   `support_vectors`, `kernel_type`, `kernel_params`; `one_class`: 1 where the sum is above 0, else -1; `post_transform`.
/// - Errors: `attribute.missing`, `attribute.length`, `shape.rank-mismatch`.
/// - Source: ai.onnx.ml SVMRegressor-1.
package struct SVMRegressor: TensorOp {
  package static let schema = OpSchema(
    "SVMRegressor", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "T")],
    outputs: [.required("Y", "F")], types: ["T": .numeric, "F": [.f32]])

  let machine: SupportVectors
  let vectorCount: Int
  let isOneClass: Bool
  let transform: ScoreTransform
  private let targets: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    machine = try SupportVectors(&attributes)
    vectorCount = try attributes.int("n_supports", default: 0)
    targets = try attributes.int("n_targets", default: 1)
    isOneClass = try attributes.flag("one_class")
    let name = try attributes.string(
      "post_transform", default: "NONE", oneOf: ScoreTransform.names)
    transform = ScoreTransform(rawValue: name) ?? .none
    guard vectorCount <= 0 || machine.coefficients.count == vectorCount else {
      throw Diagnostic(
        "attribute.length",
        "'coefficients' has \(machine.coefficients.count) values, expected \(vectorCount)")
    }
  }

  package var attributes: Attributes {
    Attributes {
      machine.store(&$0)
      $0.int("n_supports", vectorCount, default: 0)
      $0.int("n_targets", targets, default: 1)
      $0.flag("one_class", isOneClass)
      $0.string("post_transform", transform.rawValue, default: "NONE")
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let rows = try context.knownShape(0).map { shape throws(Diagnostic) in
      try Columns.rows(shape)
    }
    return [.tensor(.f32, [rows ?? context.freshDimension(axis: 0), 1])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (rows, columns) = try Columns.table(inputs[0].shape)
    let weights = machine.coefficients
    if vectorCount > 0 {
      try machine.check(count: vectorCount, columns: columns)
    } else if weights.count != columns {
      throw Diagnostic(
        "attribute.length", "'coefficients' has \(weights.count) values, expected \(columns)")
    }
    let x = inputs[0].doubles
    let results = (0..<rows).flatMap { row in
      let sample = x[row * columns..<(row + 1) * columns]
      let terms = vectorCount > 0 ? machine.products(sample) : Array(sample)
      let sum = zip(weights, terms).reduce(machine.rho[0]) { $0 + $1.0 * $1.1 }
      return transform.apply([isOneClass ? (sum > 0 ? 1 : -1) : sum])
    }
    return [Tensor(doubles: results, shape: [rows, 1], type: .f32)]
  }
}
