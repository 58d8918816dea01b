import Diagnostics
import Loops
import Ops
import Tensors

extension NodeLowering {
  /// The operands of a convolution: channels, filters, the bias and the window fit each other.
  ///
  /// - Parameters:
  ///   - x, w, bias: numbers of inputs.
  ///   - isTransposed: whether the weights are `[C, M / group, ...]` instead of `[M, C / group, ...]`.
  /// - Throws: `shape.mismatch` when they are known not to fit.
  func requireConvolution(
    _ x: Int, _ w: Int, bias: Int, group: Int, _ axes: [WindowAxis], isTransposed: Bool = false
  ) throws(Diagnostic) {
    let weights = try shape(w)
    let groups = IndexExpr(group)
    try require(x, axis: 1, .equal, isTransposed ? weights[0] : weights[1] * groups)
    try require(w, axis: 0, divisibleBy: group)
    if hasInput(bias) { try require(bias, [isTransposed ? weights[1] * groups : weights[0]]) }
    for (number, axis) in axes.enumerated() {
      try require(w, axis: number + 2, .equal, axis.kernel)
    }
  }
}
