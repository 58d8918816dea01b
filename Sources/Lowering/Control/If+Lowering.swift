package import Diagnostics
import IR
import Loops
package import Ops
import Tensors

/// One of two programs runs. A condition that is known has been replaced by its branch before.
extension If: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    try context.runRegion(
      .branches, [thenBranch, elseBranch], RegionOperands(control: 0..<1, carried: 0..<0))
  }
}
