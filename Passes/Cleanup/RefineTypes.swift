import Diagnostics
import IR
package import PassManager

extension Pass {
  /// Infers all types again, in order, and keeps what they say more than before.
  ///
  ///     %s = constant i64[2] [2, 12]
  ///     %y = Reshape(%x, %s) : f32[A, B]
  /// ->
  ///     %y = Reshape(%x, %s) : f32[2, 12]
  ///
  /// Numbers take the place of symbols and known ranks that of unknown ones; a symbol never changes into another.
  package static let refineTypes = Pass(
    "refine-types", "infer all types again and keep what they say more"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs where rw.node(id) != nil {
      rw.refineTypes(of: id)
    }
  }
}
