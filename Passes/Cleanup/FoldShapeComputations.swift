import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Replaces integers that follow from shapes by constants.
  ///
  ///     %s = Shape(%x)                  // %x: f32[N, 3, 4]
  ///     %c = Gather(%s, 1)
  /// ->
  ///     %c = constant i64[] 3
  ///
  /// A Reshape whose target is only known as expressions gets a constant target where the standard's own marks say
  /// the rest: 0 for a dimension that is copied, -1 for the one that the element count leaves.
  ///
  ///     %y = Reshape(%x, %t)            // %t holds [N, 12], computed from %x: f32[N, 3, 4]
  /// ->
  ///     %y = Reshape(%x, [0, 12])
  ///
  /// Preconditions: the shapes have no dimension that is the number 0 where marks are used.
  package static let foldShapeComputations = Pass(
    "fold-shape-computations", "replace integers that follow from shapes by constants"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id) else { continue }
      for case let output? in node.outputs where rw.type(output)?.element.isInteger == true {
        guard let known = rw.known(output), known.elementCount <= 4096 else { continue }
        try rw.forward(output, to: known)
      }
      guard let reshape = rw.match(id, as: Reshape.self), let data = reshape.input(0),
        let target = reshape.input(1), rw.constant(target) == nil, let output = reshape.output,
        let marks = ReshapeTarget.marks(from: rw.shape(data), to: rw.shape(output))
      else { continue }
      let constant = rw.makeConstant(
        Tensor(marks.map(Int64.init), shape: [marks.count]), name: rw.graph[target].name)
      try rw.replace(id, with: Reshape(), inputs: [data, constant])
    }
  }
}
