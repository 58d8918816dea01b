import IR
import Lowering
import Ops

extension Node {
  /// The operators that run as this node: its own, or those of a fused region.
  var fusedOps: [String] {
    guard let fused = op as? Fused else { return [opName] }
    return fused.body.nodeIDs.map { fused.body[$0].opName }
  }

  /// The operator that decides about the loops: its own, or that of a fused region which is not elementwise.
  var anchorOp: String {
    guard let body = (op as? Fused)?.body else { return opName }
    let anchor = body.nodeIDs.first { !(body[$0].op is any ElementwiseLowerable) }
    return anchor.map { body[$0].opName } ?? "elementwise"
  }
}
