import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Gives operators with operands that say the same one form: constants stand last, two operands are binary, types known.
  ///
  ///     %y = Mul(%c, %x)            // %c is a constant
  ///     %z = Sum(%x, %y)
  ///     %w = CastLike(%z, %i)       // %i: i64
  /// ->
  ///     %y = Mul(%x, %c)
  ///     %z = Add(%x, %y)
  ///     %w = Cast(%z) {to = 7}
  ///
  /// Later patterns then need to look in one place only.
  package static let canonicalizeOperands = Pass(
    "canonicalize-operands", "put constants last, write two-operand Sum as Add and CastLike as Cast"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), node.inputs.count == 2, let a = node.inputs[0],
        let b = node.inputs[1]
      else { continue }
      switch node.op {
      case is Sum:
        try rw.replace(id, with: Add(), inputs: [a, b])
      case is Add, is Mul, is Max, is Min, is And, is Or, is Xor, is Equal:
        if rw.constant(a) != nil, rw.constant(b) == nil {
          try rw.replace(id, with: node.op, inputs: [b, a])
        }
      case let like as CastLike:
        guard let element = rw.type(b)?.element else { continue }
        try rw.replace(id, with: like.cast(to: element), inputs: [a])
      default: continue
      }
    }
  }
}
