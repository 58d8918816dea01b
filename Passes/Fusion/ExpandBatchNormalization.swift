import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes an inference-time batch normalization that no layer could take in as Mul and Add, which fuse with neighbours.
  ///
  ///     %y = BatchNormalization(%x, %g, %h, %m, %v)     // %x: f32[N, C, H, W]
  /// ->
  ///     %s = Mul(%x, %k)            // %k: f32[C, 1, 1], k = g / sqrt(v + epsilon)
  ///     %y = Add(%s, %c)            // %c: f32[C, 1, 1], c = h - m*k
  ///
  /// Preconditions: all parameters are constants, and the statistics are given (no training) and per channel.
  package static let expandBatchNormalization = Pass(
    "expand-batch-normalization", "write BatchNormalization as Mul and Add per channel"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let norm = rw.match(id, as: BatchNormalization.self),
        let affine = ChannelAffine(norm, rw), let x = norm.input(0), let type = rw.type(x),
        let rank = rw.rank(x), rank >= 2, let output = norm.output
      else { continue }
      let shape = [affine.factor.count] + Array(repeating: 1, count: rank - 2)
      let name = rw.graph[output].name
      let factor = rw.makeConstant(
        Tensor(doubles: affine.factor, shape: shape, type: type.element), name: name + ".factor")
      let summand = rw.makeConstant(
        Tensor(doubles: affine.summand, shape: shape, type: type.element), name: name + ".summand")
      let scaled = try rw.insert(Mul(), inputs: [x, factor], before: id, name: name + ".scaled")
      try rw.replace(id, with: Add(), inputs: [scaled, summand])
    }
  }
}
