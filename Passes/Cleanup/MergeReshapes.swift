import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Lets a Reshape of a Reshape read the first one's input.
  ///
  ///     %a = Reshape(%x, [2, 12])
  ///     %b = Reshape(%a, [2, 3, 4])
  /// ->
  ///     %b = Reshape(%x, [2, 3, 4])
  ///
  /// Preconditions: the final shape can be written in the marks of Reshape relative to %x. The first Reshape may have
  /// other readers.
  package static let mergeReshapes = Pass(
    "merge-reshapes", "let a Reshape of a Reshape read the first one's input"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let outer = rw.match(id, as: Reshape.self),
        let inner = rw.def(of: outer.input(0), as: Reshape.self), let source = inner.input(0),
        let output = outer.output,
        let target = ReshapeTarget.marks(from: rw.shape(source), to: rw.shape(output))
      else { continue }
      let constant = rw.makeConstant(
        Tensor(target.map(Int64.init), shape: [target.count]), name: outer.node.name + ".shape")
      try rw.replace(id, with: Reshape(), inputs: [source, constant])
    }
  }
}
