package import Diagnostics
package import IR
package import Tensors

/// `Y = (X - mean) / sqrt(var + epsilon) * scale + B` per channel, with given or, in training, the batch's own statistics.
///
/// - Inputs: `X` `[N, C, D1...Dn]`, `scale`, `B`, `input_mean`, `input_var` of `[C]`. Outputs: `Y` like `X`; in training
///   `running_mean` and `running_var` of `[C]`: `input * momentum + batch * (1 - momentum)`, variances of the population.
/// - Errors: `shape.rank`, `shape.parameter`.
/// - Source: ONNX BatchNormalization-15 (versions 1, 6, 7, 9, 14, 15). Opset 7's `spatial = 0` keeps its own statistics
///   per activation: parameters of `[C, D1...Dn]`.
package struct BatchNormalization: TensorOp {
  package static let schema = OpSchema(
    "BatchNormalization", versions: [1, 6, 7, 9, 14, 15],
    inputs: [
      .required("X", "T"), .required("scale", "T1"), .required("B", "T1"),
      .required("input_mean", "T2"), .required("input_var", "T2"),
    ],
    outputs: [
      .required("Y", "T"), .optional("running_mean", "T2"), .optional("running_var", "T2"),
    ],
    types: ["T": .floats, "T1": .floats, "T2": .floats])

  package var epsilon: Double
  package var momentum: Double
  package var trainingMode: Bool
  /// Whether all positions of a channel share their statistics.
  package var spatial: Bool

  private static let standardEpsilon = Double(Float(1e-5))
  private static let standardMomentum = Double(Float(0.9))

  package init(
    epsilon: Double = Double(Float(1e-5)), momentum: Double = Double(Float(0.9)),
    trainingMode: Bool = false, spatial: Bool = true
  ) {
    self.epsilon = epsilon
    self.momentum = momentum
    self.trainingMode = trainingMode
    self.spatial = spatial
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
    momentum = try attributes.float("momentum", default: Self.standardMomentum)
    trainingMode = try attributes.flag("training_mode")
    spatial = try attributes.flag("spatial", default: true)
    attributes.ignore("consumed_inputs", "is_test")
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("epsilon", epsilon, default: Self.standardEpsilon)
      $0.float("momentum", momentum, default: Self.standardMomentum)
      $0.flag("training_mode", trainingMode)
      $0.flag("spatial", spatial, default: true)
    }
  }

  /// Before opset 14 training showed in the number of outputs; the last two only served a gradient.
  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 14 else { return }
    if node.outputs.count > 3 { node.outputs.removeLast(node.outputs.count - 3) }
    if node.outputs.dropFirst().contains(where: { !$0.isEmpty }) {
      node.attributes["training_mode"] = .int(1)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    guard !x.isEmpty else { throw Diagnostic("shape.rank", "input is a scalar") }
    let expected = parameterShape(x)
    for index in 1...4 { try check(try context.shape(index), expected, index) }
    let statistics = ValueType.tensor(try context.element(3), expected)
    return [.tensor(try context.tensorType(0)), statistics, statistics]
  }

  private func parameterShape<Dimension: ExpressibleByIntegerLiteral>(
    _ x: [Dimension]
  ) -> [Dimension] {
    if !spatial { return Array(x.dropFirst()) }
    return x.count > 1 ? [x[1]] : [1]
  }

  private func check(
    _ found: [IndexExpr], _ expected: [IndexExpr], _ index: Int
  ) throws(Diagnostic) {
    let differs = zip(found, expected).contains { $0.isConstant && $1.isConstant && $0 != $1 }
    guard found.count == expected.count, !differs else {
      throw Diagnostic(
        "shape.parameter",
        "\(Self.schema.inputs[index].name) has shape \(found), expected \(expected)")
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    guard x.rank > 0 else { throw Diagnostic("shape.rank", "input is a scalar") }
    let expected = parameterShape(x.shape)
    for index in 1...4 {
      try check(inputs[index].symbolicShape, expected.map { IndexExpr($0) }, index)
    }
    let channels = expected.elementCount
    let inner = spatial ? Array(x.shape.dropFirst(2)).elementCount : 1
    var values = x.doubles
    var mean = inputs[3].doubles
    var variance = inputs[4].doubles
    var running: [Tensor] = []
    if trainingMode {
      let (batchMean, batchVariance) = statistics(values, batch: x.shape[0], channels, inner)
      for (given, found) in [(mean, batchMean), (variance, batchVariance)] {
        let blend = zip(given, found).map { $0 * momentum + $1 * (1 - momentum) }
        running.append(Tensor(doubles: blend, shape: expected, type: inputs[3].type))
      }
      mean = batchMean
      variance = batchVariance
    } else if inputs.outputCount > 1 {
      running = [inputs[3], inputs[4]]
    }
    let shift = inputs[2].doubles
    let factor = zip(inputs[1].doubles, variance).map { $0 / ($1 + epsilon).squareRoot() }
    var index = 0
    while index < values.count {
      for c in 0..<channels {
        for i in index..<index + inner { values[i] = (values[i] - mean[c]) * factor[c] + shift[c] }
        index += inner
      }
    }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)] + running
  }

  /// Mean and population variance of every channel of `[batch, channels, inner]`.
  private func statistics(
    _ values: [Double], batch: Int, _ channels: Int, _ inner: Int
  ) -> (mean: [Double], variance: [Double]) {
    let count = Double(batch * inner)
    var means: [Double] = []
    var variances: [Double] = []
    for c in 0..<channels {
      let starts = (0..<batch).map { ($0 * channels + c) * inner }
      var sum = 0.0
      for start in starts { for i in start..<start + inner { sum += values[i] } }
      let mean = sum / count
      var squares = 0.0
      for start in starts {
        for i in start..<start + inner { squares += (values[i] - mean) * (values[i] - mean) }
      }
      means.append(mean)
      variances.append(squares / count)
    }
    return (means, variances)
  }
}
