import IR
import Ops
import PassManager

/// What a batch normalization does in inference: `y = x * factor + summand` per channel.
struct ChannelAffine {
  let factor: [Double]
  let summand: [Double]

  /// Nil for training, for statistics per activation and for parameters that are no constants.
  init?(_ match: Match<BatchNormalization>, _ rw: Rewriter) {
    guard !match.op.trainingMode, match.op.spatial,
      match.node.outputs.dropFirst().allSatisfy({
        $0.map { rw.graph.useCount(of: $0) == 0 } ?? true
      }),
      let scale = rw.floats(match.input(1)), let shift = rw.floats(match.input(2)),
      let mean = rw.floats(match.input(3)), let variance = rw.floats(match.input(4))
    else { return nil }
    var factor: [Double] = []
    var summand: [Double] = []
    for channel in scale.indices {
      let k = scale[channel] / (variance[channel] + match.op.epsilon).squareRoot()
      factor.append(k)
      summand.append(shift[channel] - mean[channel] * k)
    }
    self.factor = factor
    self.summand = summand
  }
}
