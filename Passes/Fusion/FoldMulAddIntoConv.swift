import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Folds constant factors and summands per channel into the convolution or matrix product before them.
  ///
  ///     %y = Conv(%x, %w, %b)       // or ConvTranspose, Gemm, MatMul; %b may be absent
  ///     %z = Mul(%y, %k)            // %k: f32[M, 1, 1] or one number; also Div, Add, Sub
  /// ->
  ///     %z = Conv(%x, %w1, %b1)     // w1 = w*k, b1 = b*k
  ///
  /// A summand turns a MatMul of matrices into Gemm.
  ///
  /// Preconditions: the parameters are constants, the operand does not vary along other axes nor enlarge the result,
  /// and nobody else reads %y.
  package static let foldMulAddIntoConv = Pass(
    "fold-mul-add-into-conv", "fold factors and summands per channel into Conv, Gemm or MatMul"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let (constant, other) = rw.constantOperand(node),
        let layer = LinearLayer(making: other, rw), let rank = rw.rank(other),
        rw.haveSameShape(other, node.outputs[0]), let tensor = rw.constant(constant),
        let values = layer.perChannel(tensor, rank: rank),
        let (factor, summand) = affine(node, values, isFirst: node.inputs[0] == constant)
      else { continue }
      _ = try layer.replace(id, factor: factor, summand: summand, &rw)
    }
  }

  /// What the operator does to the layer's channels: factors and summands.
  private static func affine(
    _ node: Node, _ values: [Double], isFirst: Bool
  ) -> (factor: [Double], summand: [Double])? {
    let ones = values.map { _ in 1.0 }
    let zeros = values.map { _ in 0.0 }
    switch node.op {
    case is Mul: return (values, zeros)
    case is Add: return (ones, values)
    case is Sub: return isFirst ? (ones.map { -$0 }, values) : (ones, values.map { -$0 })
    case is Div where !isFirst && !values.contains(0): return (values.map { 1 / $0 }, zeros)
    default: return nil
    }
  }
}
