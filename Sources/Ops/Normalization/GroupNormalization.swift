package import Diagnostics
package import IR
package import Tensors

/// `y = scale * (x - mean) / sqrt(var + epsilon) + bias` with mean and variance of each group of channels of each image.
///
/// - Inputs: `X` `[N, C, D1...Dn]`, `scale` and `bias` `[C]`, or, as in opset 18, `[num_groups]`. Output: `Y` like `X`.
/// - Errors: `shape.rank`, `shape.parameter`, `attribute.group`.
/// - Source: ONNX GroupNormalization-21 (versions 18, 21).
package struct GroupNormalization: TensorOp {
  package static let schema = OpSchema(
    "GroupNormalization", versions: [18, 21],
    inputs: [.required("X", "T"), .required("scale", "T"), .required("bias", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var groups: Int
  package var epsilon: Double
  /// The number of the element type that statistics are computed in; the reference always computes in f64.
  package var stashType: Int

  private static let standardEpsilon = Double(Float(1e-5))

  package init(groups: Int, epsilon: Double = Double(Float(1e-5)), stashType: Int = 1) {
    self.groups = groups
    self.epsilon = epsilon
    self.stashType = stashType
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    groups = try attributes.requiredInt("num_groups")
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
    stashType = try attributes.int("stash_type", default: 1)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("num_groups", groups)
      $0.float("epsilon", epsilon, default: Self.standardEpsilon)
      $0.int("stash_type", stashType, default: 1)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    try check(try context.shape(0), [try context.shape(1), try context.shape(2)])
    return [.tensor(try context.tensorType(0))]
  }

  private func check(_ x: [IndexExpr], _ parameters: [[IndexExpr]]) throws(Diagnostic) {
    guard x.count >= 2 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected at least 2")
    }
    let divides = groups >= 1 && (x[1].value ?? 0) % max(groups, 1) == 0
    guard divides else {
      throw Diagnostic("attribute.group", "\(x[1]) channels do not divide into \(groups) groups")
    }
    for shape in parameters {
      let fits =
        shape.count == 1
        && (!shape[0].isConstant || !x[1].isConstant || shape[0] == x[1]
          || shape[0] == IndexExpr(groups))
      guard fits else {
        throw Diagnostic(
          "shape.parameter", "parameter has shape \(shape), expected [\(x[1])] or [\(groups)]")
      }
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    try check(x.symbolicShape, [inputs[1].symbolicShape, inputs[2].symbolicShape])
    var values = x.doubles
    guard !values.isEmpty else { return [x] }
    let channels = x.shape[1]
    let scale = perChannel(inputs[1].doubles, channels)
    let shift = perChannel(inputs[2].doubles, channels)
    let plane = Array(x.shape.dropFirst(2)).elementCount
    let size = channels / groups * plane
    for (index, start) in stride(from: 0, to: values.count, by: size).enumerated() {
      let moments = Moments(values[start..<start + size])
      let deviation = moments.inverseDeviation(epsilon)
      for i in start..<start + size {
        let c = index % groups * (channels / groups) + (i - start) / plane
        values[i] = (values[i] - moments.mean) * deviation * scale[c] + shift[c]
      }
    }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)]
  }

  /// One element per channel from one per channel or one per group.
  private func perChannel(_ parameter: [Double], _ channels: Int) -> [Double] {
    if parameter.count == channels { return parameter }
    return (0..<channels).map { parameter[$0 / (channels / groups)] }
  }
}
