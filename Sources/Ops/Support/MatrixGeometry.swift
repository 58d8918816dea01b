package import Diagnostics
package import Tensors

/// The sizes of a batched matrix product with NumPy's rules: what MatMul, its integer forms and their lowering share.
package struct MatrixGeometry: Sendable, Hashable {
  /// Broadcast batch dimensions.
  package let batch: [IndexExpr]
  package let rows: IndexExpr
  package let depth: IndexExpr
  package let columns: IndexExpr
  /// The result's shape; a one-dimensional operand leaves no axis behind.
  package let output: [IndexExpr]
  /// Batch dimensions of each operand before broadcasting.
  package let leftBatch: [IndexExpr]
  package let rightBatch: [IndexExpr]

  /// - Throws: `shape.rank` for a scalar operand, `shape.inner` when the inner dimensions differ, `shape.broadcast`.
  package init(_ a: [IndexExpr], _ b: [IndexExpr]) throws(Diagnostic) {
    guard !a.isEmpty, !b.isEmpty else {
      throw Diagnostic(
        "shape.rank", "operands have ranks \(a.count) and \(b.count), expected at least 1")
    }
    let left = a.count == 1 ? [1] + a : a
    let right = b.count == 1 ? b + [1] : b
    let depths = (left[left.count - 1], right[right.count - 2])
    if let p = depths.0.value, let q = depths.1.value, p != q {
      throw Diagnostic(
        "shape.inner", "inner dimensions of \(a) and \(b) are \(p) and \(q), expected equal ones")
    }
    leftBatch = Array(left.dropLast(2))
    rightBatch = Array(right.dropLast(2))
    batch = try Broadcasting.shape(leftBatch, rightBatch)
    rows = left[left.count - 2]
    columns = right[right.count - 1]
    depth = depths.0.isConstant ? depths.0 : depths.1
    output = batch + (a.count == 1 ? [] : [rows]) + (b.count == 1 ? [] : [columns])
  }

  package var multiplyAccumulates: IndexExpr { (batch + [rows, depth, columns]).reduce(1, *) }
}
