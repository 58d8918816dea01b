import IR
import Ops
import Tensors

extension GraphLowering {
  /// Leaves bytes where they are when only operators read their floats that convert what they load.
  ///
  /// - Returns: false for other nodes.
  func readsInPlace(_ node: Node) -> Bool {
    guard let source = node.castBytes(in: graph), let output = node.outputs[0],
      !graph.outputs.contains(output), let readers = uses[output],
      readers.allSatisfy({ graph[$0].canReadBytes(of: output) })
    else { return false }
    readAs[output] = (source, .f32)
    return true
  }
}
