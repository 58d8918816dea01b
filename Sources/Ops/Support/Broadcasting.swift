import Diagnostics
import Tensors

/// Multidirectional broadcasting, as NumPy does it.
///
/// Source: ONNX, docs/Broadcasting.md.
enum Broadcasting {
  /// The shape that both operands take.
  ///
  /// Which of two open dimensions is 1, if any, shows when the program runs; that they fit is checked then. A number
  /// other than 1 is the result whatever the other one is.
  ///
  /// - Throws: `shape.broadcast` when two dimensions are different numbers and neither is 1.
  static func shape(_ a: [IndexExpr], _ b: [IndexExpr]) throws(Diagnostic) -> [IndexExpr] {
    let rank = max(a.count, b.count)
    var result: [IndexExpr] = []
    for axis in 0..<rank {
      let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
      let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
      if x == y || y == 1 {
        result.append(x)
      } else if x == 1 {
        result.append(y)
      } else if let p = x.value, let q = y.value {
        throw Diagnostic(
          "shape.broadcast",
          "shapes \(a) and \(b) do not broadcast: dimension \(axis) is \(p) and \(q)")
      } else if x.isConstant || y.isConstant {
        result.append(x.isConstant ? x : y)
      } else {
        // What grows too large to follow is taken to be the first: the run refuses sizes of which that is not true.
        let both = IndexExpr.broadcast(x, y)
        result.append(both.isDimension ? both : x)
      }
    }
    return result
  }

  /// The shape of operands whose dimensions are numbers.
  static func shape(_ a: [Int], _ b: [Int]) throws(Diagnostic) -> [Int] {
    let symbolic = try shape(a.map { IndexExpr($0) }, b.map { IndexExpr($0) })
    return symbolic.map(\.constant)
  }

  /// Strides that walk a tensor of `shape` along `target`: zero where it is repeated.
  static func strides(_ shape: [Int], along target: [Int]) -> [Int] {
    let own = shape.rowMajorStrides
    let missing = target.count - shape.count
    return target.indices.map { axis in
      guard axis >= missing else { return 0 }
      return shape[axis - missing] == 1 ? 0 : own[axis - missing]
    }
  }

  /// Calls `body` with the offsets into both operands for every element of `target`, in row-major order.
  static func forEach(
    _ target: [Int], _ a: [Int], _ b: [Int], _ body: (Int, Int) -> Void
  ) {
    let count = target.elementCount
    if count == 0 { return }
    if a == target, b == target {
      for index in 0..<count { body(index, index) }
      return
    }
    let p = strides(a, along: target)
    let q = strides(b, along: target)
    var position = Array(repeating: 0, count: target.count)
    var i = 0
    var j = 0
    for _ in 0..<count {
      body(i, j)
      var axis = target.count - 1
      while axis >= 0 {
        position[axis] += 1
        i += p[axis]
        j += q[axis]
        if position[axis] < target[axis] { break }
        i -= p[axis] * target[axis]
        j -= q[axis] * target[axis]
        position[axis] = 0
        axis -= 1
      }
    }
  }
}
