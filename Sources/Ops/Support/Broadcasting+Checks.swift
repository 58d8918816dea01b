import Diagnostics
import Tensors

extension Broadcasting {
  /// Checks unidirectional broadcasting of `shape` to `target`.
  ///
  /// - Throws: `shape.broadcast` when a dimension is neither 1 nor, as far as both are numbers, that of the target.
  static func require(
    _ shape: [IndexExpr], broadcastsTo target: [IndexExpr], name: String
  ) throws(Diagnostic) {
    let missing = target.count - shape.count
    let fits =
      missing >= 0
      && shape.indices.allSatisfy { axis in
        guard let own = shape[axis].value, own != 1 else { return true }
        return target[axis + missing].value ?? own == own
      }
    if fits { return }
    throw Diagnostic("shape.broadcast", "\(name) of shape \(shape) does not broadcast to \(target)")
  }
}
