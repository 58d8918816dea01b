package import Diagnostics
import Loops
package import Ops
package import Tensors

extension MatMul: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let a = try context.shape(0)
    let b = try context.shape(1)
    let geometry = try MatrixGeometry(a, b)
    try context.requireProduct(0, 1, geometry)
    let element = try context.element(0)
    let left = try context.plain(0)
    let (isLeftVector, isRightVector) = (a.count == 1, b.count == 1)
    let columns = geometry.columns

    if element == .f32, !isRightVector, b.count == 2, let weights = context.constant(1),
      let width = columns.value
    {
      // One matrix of constants: the batch is more rows.
      let sink = try context.transposableOutput()
      let rows = (geometry.leftBatch + [geometry.rows]).reduce(1, *)
      let flat = left.reshaped(to: [rows, geometry.depth])
      return try MatrixMultiply(
        batch: [], rows: rows, depth: geometry.depth, columns: width,
        left: { builder in
          let view = builder.view(flat)
          return { _, m, k in view.load([m, k]) }
        },
        right: .packed(weights), constants: SumConstants(),
        finish: { builder, _, m, n, sum throws(Diagnostic) in
          var position = delinearize(m, geometry.leftBatch + [geometry.rows])
          if isLeftVector { position.removeLast() }
          return try sink.store(sum, at: position + [n], builder)
        }, isFinishedApart: try sink.usesFunctions(context.target)
      ).lower(context)
    }

    let right = try context.plain(1)
    let sink = try context.output()
    let leftShape = isLeftVector ? [1] + a : a
    let rightShape = isRightVector ? b + [1] : b
    let leftReader = left.reshaped(to: leftShape).matrices(geometry.leftBatch, of: geometry.batch)
    let rightReader = right.reshaped(to: rightShape).matrices(
      geometry.rightBatch, of: geometry.batch)
    let finish = {
      (builder: KernelBuilder, batch: [IndexExpr], m: IndexExpr, n: IndexExpr, sum: Expr)
        throws(Diagnostic) in
      let position = batch + (isLeftVector ? [] : [m]) + (isRightVector ? [] : [n])
      return try sink.store(sum, at: position, builder)
    }
    if element == .f32, let width = columns.value {
      return try MatrixMultiply(
        batch: geometry.batch, rows: geometry.rows, depth: geometry.depth, columns: width,
        left: leftReader, right: .loaded(rightReader), constants: SumConstants(), finish: finish
      ).lower(context)
    }
    try DirectProduct(
      batch: geometry.batch, rows: geometry.rows, depth: geometry.depth, columns: columns,
      element: element, left: leftReader, right: rightReader, finish: finish
    ).lower(context)
  }
}

extension NodeLowering {
  /// Two operands of a batched matrix product: as many columns of one as rows of the other, and batches that broadcast.
  ///
  /// - Throws: `shape.mismatch` when they are known not to fit.
  func requireProduct(
    _ left: Int, _ right: Int, _ geometry: MatrixGeometry
  ) throws(Diagnostic) {
    let (a, b) = try (shape(left), shape(right))
    try require(left, axis: a.count - 1, .equal, b[max(0, b.count - 2)])
    for (index, batch) in [(left, geometry.leftBatch), (right, geometry.rightBatch)] {
      let missing = geometry.batch.count - batch.count
      for axis in batch.indices {
        try require(index, axis: axis, .equalOrOne, geometry.batch[axis + missing])
      }
    }
  }
}

/// The position of element number `index` of a row-major tensor.
package func delinearize(_ index: IndexExpr, _ shape: [IndexExpr]) -> [IndexExpr] {
  var rest = index
  var position: [IndexExpr] = []
  for (axis, extent) in shape.enumerated().reversed() {
    if axis == 0 {
      position.insert(rest, at: 0)
    } else {
      position.insert(rest.mod(extent), at: 0)
      rest = rest.floorDiv(extent)
    }
  }
  return position
}

extension Placed {
  /// Reads an element of one of the matrices that the tensor holds, at a position in the batch of a product.
  ///
  /// - Parameters:
  ///   - own: the axes of the tensor before its last two.
  ///   - batch: what they broadcast to.
  func matrices(
    _ own: [IndexExpr], of batch: [IndexExpr]
  ) -> (KernelBuilder) -> (_ batch: [IndexExpr], _ row: IndexExpr, _ column: IndexExpr) -> Expr {
    { builder in
      let view = builder.view(self)
      return { position, row, column in
        view.load(broadcastPosition(position, to: own, of: batch) + [row, column])
      }
    }
  }
}
