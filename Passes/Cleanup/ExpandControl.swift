import Diagnostics
import Ops
package import PassManager

extension Pass {
  /// Writes out control flow that is decided.
  ///
  ///     %c = constant bool[] true
  ///     %y = If(%c, %x) {then: Exp(%x), else: %x}
  /// ->
  ///     %y = Exp(%x)
  ///
  /// A loop or scan of few known runs becomes these runs one behind the other. What depends on branches of unequal ranks goes into
  /// both branches, where ranks are known. Precondition: what goes in and out are tensors.
  package static let expandControl = Pass(
    "expand-control", "write out branches and loops that are decided"
  ) { (rw) throws(Diagnostic) in
    try rw.edit { graph throws(Diagnostic) in try graph.expandControl() }
  }
}
