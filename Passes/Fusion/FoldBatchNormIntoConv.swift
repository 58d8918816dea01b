import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Folds an inference-time batch normalization into the convolution or matrix product that feeds it.
  ///
  ///     %y = Conv(%x, %w, %b)       // or ConvTranspose, Gemm, MatMul; %b may be absent
  ///     %z = BatchNormalization(%y, %g, %h, %m, %v)
  /// ->
  ///     %z = Conv(%x, %w1, %b1)     // w1 = w*k, b1 = (b - m)*k + h, k = g / sqrt(v + epsilon), per output channel
  ///
  /// Preconditions: all parameters are constants, the statistics are given (no training) and per channel, and nobody
  /// else reads %y.
  ///
  /// Source: Jacob et al. 2018, arXiv:1712.05877, section 3.2.
  package static let foldBatchNormIntoConv = Pass(
    "fold-batch-norm-into-conv", "fold BatchNormalization into Conv, ConvTranspose, Gemm or MatMul"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let norm = rw.match(id, as: BatchNormalization.self),
        let affine = ChannelAffine(norm, rw),
        let layer = LinearLayer(making: norm.input(0), rw), layer.channelAxis == 1,
        layer.channelCount == affine.factor.count
      else { continue }
      _ = try layer.replace(id, factor: affine.factor, summand: affine.summand, &rw)
    }
  }
}
