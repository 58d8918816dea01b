import Diagnostics
import Tensors

/// The check on parameters that hold one element per channel.
enum ChannelParameters {
  /// - Throws: `shape.rank` when `x` has no channel axis, `shape.parameter` when a parameter is not `[C]`.
  static func check(_ x: [IndexExpr], _ parameters: [[IndexExpr]]) throws(Diagnostic) {
    guard x.count >= 2 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected at least 2")
    }
    for shape in parameters {
      let differs = shape.count == 1 && shape[0].isConstant && x[1].isConstant && shape[0] != x[1]
      guard shape.count == 1, !differs else {
        throw Diagnostic("shape.parameter", "parameter has shape \(shape), expected [\(x[1])]")
      }
    }
  }
}
