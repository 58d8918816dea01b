import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Joins a constant Pad of a constant Pad into one.
  ///
  ///     %a = Pad(%x, [0, 1, 0, 0])
  ///     %b = Pad(%a, [0, 0, 0, 2])
  /// ->
  ///     %b = Pad(%x, [0, 1, 0, 2])
  ///
  /// Preconditions: both pad with the same constant, no pad is negative, all are known, and the first Pad has one reader.
  package static let mergePads = Pass(
    "merge-pads", "join a constant Pad of a constant Pad into one"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let outer = rw.match(id, as: Pad.self), rw.hasOneUse(outer.input(0)),
        let inner = rw.def(of: outer.input(0), as: Pad.self), let source = inner.input(0),
        let first = ConstantPad(inner, &rw), let second = ConstantPad(outer, &rw),
        first.value == second.value
      else { continue }
      let pads = zip(first.pads, second.pads).map { Int64($0 + $1) }
      let constant = rw.makeConstant(
        Tensor(pads, shape: [pads.count]), name: outer.node.name + ".pads")
      let value = outer.input(2)
      try rw.replace(id, with: outer.op, inputs: [source, constant] + (value.map { [$0] } ?? []))
    }
  }
}
