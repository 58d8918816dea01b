import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Puts a number in the place of a symbol that a layer's weights leave no choice.
  ///
  ///     %y = MatMul(%x, %w)           // %x : f32[N, K], %w : f32[16, 5]
  /// ->
  ///     %y = MatMul(%x, %w)           // %x : f32[N, 16]
  ///
  /// Compiled code then refuses any other size when it is called, rather than read past the end of the input.
  /// Precondition: one of two dimensions that the operator needs equal is a symbol, the other a number.
  package static let fixDimensions = Pass(
    "fix-dimensions", "replace symbols by the numbers that weights ask for"
  ) { (rw) throws(Diagnostic) in
    var numbers: [Symbol: Int] = [:]
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let (a, b) = equalDimensions(node, rw) else { continue }
      if let symbol = a.asSymbol, let number = b.value { numbers[symbol] = number }
      if let symbol = b.asSymbol, let number = a.value { numbers[symbol] = number }
    }
    rw.fix(numbers)
  }

  /// The dimensions along which a layer sums, on both sides.
  private static func equalDimensions(_ node: Node, _ rw: Rewriter) -> (IndexExpr, IndexExpr)? {
    guard node.inputs.count >= 2, let x = rw.shape(node.inputs[0]),
      let w = rw.shape(node.inputs[1]),
      !x.isEmpty, !w.isEmpty
    else { return nil }
    switch node.op {
    case is MatMul: return (x[x.count - 1], w[max(0, w.count - 2)])
    case let gemm as Gemm where x.count == 2 && w.count == 2:
      return (x[gemm.transA ? 0 : 1], w[gemm.transB ? 1 : 0])
    case let conv as Conv where x.count >= 3 && w.count == x.count:
      return (x[1], w[1] * IndexExpr(conv.group))
    case is ConvTranspose where x.count >= 3: return (x[1], w[0])
    case is BatchNormalization where x.count >= 2: return (x[1], w[0])
    default: return nil
    }
  }
}
