import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Joins a Transpose of a Transpose into one.
  ///
  ///     %a = Transpose(%x) {perm = [0, 2, 3, 1]}
  ///     %b = Transpose(%a) {perm = [0, 2, 3, 1]}
  /// ->
  ///     %b = Transpose(%x) {perm = [0, 3, 1, 2]}
  ///
  /// Precondition: the rank is known. The first Transpose may have other readers.
  package static let mergeTransposes = Pass(
    "merge-transposes", "join a Transpose of a Transpose into one"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let outer = rw.match(id, as: Transpose.self),
        let inner = rw.def(of: outer.input(0), as: Transpose.self), let source = inner.input(0),
        let rank = rw.rank(source), let first = try? inner.op.permutation(rank: rank),
        let second = try? outer.op.permutation(rank: rank)
      else { continue }
      try rw.replace(
        id, with: Transpose(permutation: second.map { first[$0] }), inputs: [source])
    }
  }
}
