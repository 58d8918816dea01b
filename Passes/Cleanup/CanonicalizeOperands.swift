import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Gives operators with interchangeable operands one form: constants stand last, two operands are binary.
  ///
  ///     %y = Mul(%c, %x)            // %c is a constant
  ///     %z = Sum(%x, %y)
  /// ->
  ///     %y = Mul(%x, %c)
  ///     %z = Add(%x, %y)
  ///
  /// Later patterns then need to look in one place only.
  package static let canonicalizeOperands = Pass(
    "canonicalize-operands", "put constants last and write two-operand Sum as Add"
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
      default: continue
      }
    }
  }
}
