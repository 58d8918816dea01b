package import Diagnostics
package import IR
package import Tensors

/// `Y = X / sqrt(mean(X^2) + epsilon) * scale`, the mean over all axes from `axis` on.
///
/// - Inputs: `X`, and `scale` that broadcasts to it. Output: `Y` with the shape of `X` and the type of `scale`.
/// - Errors: `attribute.axis`, `shape.broadcast`.
/// - Source: ONNX RMSNormalization-23; Zhang and Sennrich 2019, arXiv:1910.07467.
package struct RMSNormalization: TensorOp {
  package static let schema = OpSchema(
    "RMSNormalization", versions: [23],
    inputs: [.required("X", "T"), .required("scale", "V")], outputs: [.required("Y", "V")],
    types: ["T": .floats, "V": .floats])

  package var axis: Int
  package var epsilon: Double
  /// The number of the element type that the mean is computed in; the reference always computes in f64.
  package var stashType: Int

  private static let standardEpsilon = Double(Float(1e-5))

  package init(axis: Int = -1, epsilon: Double = Double(Float(1e-5)), stashType: Int = 1) {
    self.axis = axis
    self.epsilon = epsilon
    self.stashType = stashType
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
    stashType = try attributes.int("stash_type", default: 1)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: -1)
      $0.float("epsilon", epsilon, default: Self.standardEpsilon)
      $0.int("stash_type", stashType, default: 1)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    _ = try context.axis(axis, rank: x.count)
    try Broadcasting.checkFits(try context.shape(1), into: x)
    return [.tensor(try context.element(1), x)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let axis = try TensorAxis.resolve(axis, rank: x.rank)
    let split = AxisSplit(x.shape, axes: axis..<x.rank)
    var values = x.doubles
    for o in 0..<split.outer {
      let lane = o * split.length..<(o + 1) * split.length
      let squares = values[lane].reduce(0) { $0 + $1 * $1 }
      let factor = 1 / (squares / Double(split.length) + epsilon).squareRoot()
      for i in lane { values[i] *= factor }
    }
    try ScaleAndShift.apply(to: &values, x.shape, scale: inputs[1], shift: nil)
    return [Tensor(doubles: values, shape: x.shape, type: inputs[1].type)]
  }
}
