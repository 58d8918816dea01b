package import Diagnostics
package import IR
import Tensors

/// Strings are equal when all their scalars are.
extension Equal: TextComposed {
  package func textComposition(_ graph: inout Composer) throws(Diagnostic) -> [ValueID]? {
    [try graph.equalText(try graph.input(0), try graph.input(1))]
  }
}
