import Diagnostics
import Tensors

/// `value * scale + shift` with parameters that broadcast to the values' shape.
enum ScaleAndShift {
  /// - Throws: `shape.broadcast` when a parameter does not fit into `shape`.
  static func apply(
    to values: inout [Double], _ shape: [Int], scale: Tensor, shift: Tensor?
  ) throws(Diagnostic) {
    try Broadcasting.checkFits(scale.symbolicShape, into: shape.map { IndexExpr($0) })
    let factors = scale.doubles
    var index = 0
    Broadcasting.forEach(shape, shape, scale.shape) { _, from in
      values[index] *= factors[from]
      index += 1
    }
    guard let shift else { return }
    try Broadcasting.checkFits(shift.symbolicShape, into: shape.map { IndexExpr($0) })
    let terms = shift.doubles
    index = 0
    Broadcasting.forEach(shape, shape, shift.shape) { _, from in
      values[index] += terms[from]
      index += 1
    }
  }
}

extension Broadcasting {
  /// Checks that `shape` broadcasts to `target` without changing it.
  ///
  /// - Throws: `shape.broadcast`.
  static func checkFits(_ shape: [IndexExpr], into target: [IndexExpr]) throws(Diagnostic) {
    let aligned = Swift.zip(shape.reversed(), target.reversed())
    let fits =
      shape.count <= target.count
      && aligned.allSatisfy { !$0.isConstant || !$1.isConstant || $0 == 1 || $0 == $1 }
    guard fits else {
      throw Diagnostic("shape.broadcast", "shape \(shape) does not broadcast to \(target)")
    }
  }
}
