import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Finds scaled dot-product attention where an exporter has written it out.
  ///
  ///     %t = Transpose(%k) {perm = [0, 1, 3, 2]}
  ///     %p = MatMul(%q, %t)
  ///     %s = Mul(%p, 0.125)         // or Div; or factors of %q and %k
  ///     %a = Add(%s, %mask)         // any number of them, also under another shape of %s
  ///     %r = Softmax(%a)
  ///     %y = MatMul(%r, %v)
  /// ->
  ///     %y = Attention(%q, %k, %v, %mask)
  ///
  /// Three-dimensional operands become heads of one sequence, or of as many as a mask tells apart. Several masks become
  /// one by addition. Preconditions: f32; operands of equal batches; the softmax runs over keys; masks have a column for each
  /// key; nobody else reads what lies between.
  ///
  /// Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1; ONNX Attention-23.
  package static let recogniseAttention = Pass(
    "recognise-attention", "find Attention where it is written out"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let found = WrittenAttention(node, rw) else { continue }
      _ = try found.replace(id, &rw)
    }
  }
}
