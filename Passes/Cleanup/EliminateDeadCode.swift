import Diagnostics
import IR
package import PassManager

extension Pass {
  /// Removes nodes whose results nobody reads, and constants that nobody reads.
  ///
  ///     %a = Relu(%x)
  ///     %b = Relu(%a)      // no reader
  ///     return %x
  /// ->
  ///     return %x
  ///
  /// A node stays whole as long as one of its results is read.
  package static let eliminateDeadCode = Pass(
    "eliminate-dead-code", "remove nodes and constants that nobody reads"
  ) { (rw) throws(Diagnostic) in
    // From last to first, so that a chain goes in one run.
    for id in rw.graph.nodeIDs.reversed() {
      guard let node = rw.node(id) else { continue }
      if node.outputs.allSatisfy({ $0.map { rw.graph.useCount(of: $0) == 0 } ?? true }) {
        rw.erase(id)
      }
    }
    for value in rw.graph.valueIDs { rw.eraseConstant(value) }
  }
}
