package import Diagnostics
package import IR
package import Tensors

/// `Y = (X - mean) / sqrt(var + epsilon) * Scale + B` over all axes from `axis` on.
///
/// - Inputs: `X`, `Scale` and optional `B` that broadcast to `X`. Outputs: `Y` like `X`; optional `Mean` and
///   `InvStdDev` in the stash type, the normalized axes kept as 1.
/// - Errors: `attribute.axis`, `shape.broadcast`.
/// - Source: ONNX LayerNormalization-17.
package struct LayerNormalization: TensorOp {
  package static let schema = OpSchema(
    "LayerNormalization", versions: [17],
    inputs: [.required("X", "T"), .required("Scale", "T"), .optional("B", "T")],
    outputs: [.required("Y", "T"), .optional("Mean", "U"), .optional("InvStdDev", "U")],
    types: ["T": .floats, "U": [.f32, .bf16]])

  package var axis: Int
  package var epsilon: Double
  /// The type of the statistics: f32 or bf16.
  package var stashType: ElementType

  private static let standardEpsilon = Double(Float(1e-5))

  package init(
    axis: Int = -1, epsilon: Double = Double(Float(1e-5)), stashType: ElementType = .f32
  ) {
    self.axis = axis
    self.epsilon = epsilon
    self.stashType = stashType
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
    stashType = try attributes.elementType("stash_type") ?? .f32
    guard stashType.isFloat, !stashType.isSmallFloat else {
      throw Diagnostic("attribute.value", "stash_type is \(stashType), expected f32 or bf16")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: -1)
      $0.float("epsilon", epsilon, default: Self.standardEpsilon)
      $0.int("stash_type", Int(stashType.rawValue), default: 1)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let axis = try context.axis(axis, rank: x.count)
    for index in 1...2 where context.hasInput(index) {
      try Broadcasting.checkFits(try context.shape(index), into: x)
    }
    let reduced = x.prefix(axis) + Array(repeating: 1, count: x.count - axis)
    let statistics = ValueType.tensor(stashType, Array(reduced))
    return [.tensor(try context.tensorType(0)), statistics, statistics]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let axis = try TensorAxis.resolve(axis, rank: x.rank)
    let split = AxisSplit(x.shape, axes: axis..<x.rank)
    var values = x.doubles
    var means: [Double] = []
    var deviations: [Double] = []
    for o in 0..<split.outer {
      let lane = o * split.length..<(o + 1) * split.length
      let moments = Moments(values[lane])
      let deviation = moments.inverseDeviation(epsilon)
      for i in lane { values[i] = (values[i] - moments.mean) * deviation }
      means.append(moments.mean)
      deviations.append(deviation)
    }
    try ScaleAndShift.apply(to: &values, x.shape, scale: inputs[1], shift: inputs.optional(2))
    let reduced = x.shape.prefix(axis) + Array(repeating: 1, count: x.rank - axis)
    return [
      Tensor(doubles: values, shape: x.shape, type: x.type),
      Tensor(doubles: means, shape: Array(reduced), type: stashType),
      Tensor(doubles: deviations, shape: Array(reduced), type: stashType),
    ]
  }
}
