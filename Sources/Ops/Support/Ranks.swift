import Diagnostics
import Tensors

/// Checks of how many dimensions an input has.
enum Ranks {
  /// - Throws: `shape.rank-mismatch` when the rank is another.
  static func require(
    _ rank: Int, _ shape: [IndexExpr], _ name: String = "the input"
  ) throws(Diagnostic) {
    guard shape.count == rank else {
      throw Diagnostic("shape.rank-mismatch", "\(name) has shape \(shape), expected rank \(rank)")
    }
  }

  /// - Throws: `shape.rank-mismatch` when the rank is smaller.
  static func require(
    atLeast rank: Int, _ shape: [IndexExpr], _ name: String = "the input"
  ) throws(Diagnostic) {
    guard shape.count >= rank else {
      throw Diagnostic(
        "shape.rank-mismatch", "\(name) has shape \(shape), expected rank \(rank) or more")
    }
  }
}
