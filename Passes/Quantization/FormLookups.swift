import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Replaces functions between bytes by their tables.
  ///
  ///     %x = DequantizeLinear(%q, %s, %z)
  ///     %g = Sigmoid(%x)                        // any elementwise operators, constants of one element
  ///     %m = Mul(%x, %g)
  ///     %r = QuantizeLinear(%m, %t, %y)
  /// ->
  ///     %r = martlet.Lookup(%q) {table = ...}
  ///
  /// The interpreter fills the table, so that a function gives the same bytes on every processor. Whatever stands between
  /// may have other readers, QuantizeLinear among it. Preconditions: everything but single constants comes from one value of
  /// bytes; the chain is more than arithmetic, which is exact as it is and needs no table.
  package static let formLookups = Pass(
    "form-lookups", "replace functions between bytes by their tables"
  ) { (rw) throws(Diagnostic) in
    let positions = rw.graph.nodePositions
    for id in rw.graph.nodeIDs.reversed() {
      guard rw.match(id, as: QuantizeLinear.self) != nil,
        let function = ByteFunction(root: id, rw, positions), function.isWorthwhile(rw),
        let table = function.tabulate(rw), let numbers = table.integers
      else { continue }
      try rw.replace(id, with: Lookup(numbers, to: table.type), inputs: [function.source])
    }
  }
}
