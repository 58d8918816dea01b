package import Diagnostics
package import IR
package import Tensors

/// `y = scale * (x - mean) / sqrt(var + epsilon) + B` with mean and variance of each channel of each image.
///
/// - Inputs: `input` `[N, C, D1...Dn]`, `scale` and `B` `[C]`. Output: same shape and type as `input`.
/// - Errors: `shape.rank`, `shape.parameter`.
/// - Source: ONNX InstanceNormalization-22 (versions 1, 6, 22).
package struct InstanceNormalization: TensorOp {
  package static let schema = OpSchema(
    "InstanceNormalization", versions: [1, 6, 22],
    inputs: [.required("input", "T"), .required("scale", "T"), .required("B", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package var epsilon: Double

  private static let standardEpsilon = Double(Float(1e-5))

  package init(epsilon: Double = Double(Float(1e-5))) { self.epsilon = epsilon }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
    attributes.ignore("consumed_inputs")
  }

  package var attributes: Attributes {
    Attributes { $0.float("epsilon", epsilon, default: Self.standardEpsilon) }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    try ChannelParameters.check(x, [try context.shape(1), try context.shape(2)])
    return [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    try ChannelParameters.check(
      x.symbolicShape, [inputs[1].symbolicShape, inputs[2].symbolicShape])
    var values = x.doubles
    let scale = inputs[1].doubles
    let shift = inputs[2].doubles
    let plane = Array(x.shape.dropFirst(2)).elementCount
    guard !values.isEmpty else { return [x] }
    for (index, start) in stride(from: 0, to: values.count, by: plane).enumerated() {
      let channel = index % scale.count
      let moments = Moments(values[start..<start + plane])
      let factor = moments.inverseDeviation(epsilon) * scale[channel]
      for i in start..<start + plane {
        values[i] = (values[i] - moments.mean) * factor + shift[channel]
      }
    }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)]
  }
}
