import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes everything that only changes the shape as Reshape with a constant target.
  ///
  ///     %y = Flatten(%x)            // %x: f32[N, 3, 4]; also Squeeze, Unsqueeze, and Transpose or Expand that
  /// ->                              // only move or add dimensions of 1
  ///     %y = Reshape(%x, [0, 12])
  ///
  /// Preconditions: the output's shape can be written in the marks of Reshape: numbers, 0 for a dimension that stays
  /// where it is, and at most one -1; no dimension is the number 0.
  package static let canonicalizeReshapes = Pass(
    "canonicalize-reshapes", "write Squeeze, Unsqueeze, Flatten and trivial Transpose as Reshape"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let data = node.inputs.first ?? nil,
        let output = node.outputs.first ?? nil, onlyReshapes(node, rw),
        let target = ReshapeTarget.marks(from: rw.shape(data), to: rw.shape(output))
      else { continue }
      let constant = rw.makeConstant(
        Tensor(target.map(Int64.init), shape: [target.count]), name: node.name + ".shape")
      try rw.replace(id, with: Reshape(), inputs: [data, constant])
    }
  }

  private static func onlyReshapes(_ node: Node, _ rw: Rewriter) -> Bool {
    switch node.op {
    case is Squeeze, is Unsqueeze, is Flatten: return true
    case is Expand:
      guard let from = rw.shape(node.inputs[0]), let to = rw.shape(node.outputs[0]) else {
        return false
      }
      return from != to && from.filter { $0 != 1 } == to.filter { $0 != 1 }
    case let transpose as Transpose:
      guard let shape = rw.shape(node.inputs[0]),
        let axes = try? transpose.permutation(rank: shape.count)
      else { return false }
      // Axes with more than one element stay in order.
      let moved = axes.filter { shape[$0] != 1 }
      return moved == moved.sorted() && axes != axes.sorted()
    default: return false
    }
  }
}
