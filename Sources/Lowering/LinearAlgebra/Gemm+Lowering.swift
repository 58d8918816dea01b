package import Diagnostics
import Loops
package import Ops
import Tensors

extension Gemm: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let geometry = try geometry(try context.shape(0), try context.shape(1))
    let shapes = try [0, 1].map { index throws(Diagnostic) in try context.shape(index) }
    try context.require(
      0, axis: transA ? 0 : 1, .equal, shapes[1][transB ? 1 : 0])
    if context.hasInput(2) {
      try context.requireBroadcast(2, to: [geometry.rows, geometry.columns])
    }
    let element = try context.element(0)
    let left = try context.plain(0)
    let columns = geometry.columns
    let (scale, transA, transB) = (alpha, transA, transB)
    let weights = element == .f32 ? context.constant(1) : nil
    let isPacked = weights != nil && columns.value != nil && geometry.depth.value != nil
    // Only packed products begin their sums with a bias.
    let packedBias = isPacked ? rowBias(context, columns) : nil
    let addend =
      context.hasInput(2) && packedBias == nil && beta != 0 ? try context.plain(2) : nil
    let right = weights == nil ? try context.plain(1) : nil
    let sink = try context.output()
    let share = beta
    let isScaledLate = weights == nil && scale != 1

    let leftReader: (KernelBuilder) -> ([IndexExpr], IndexExpr, IndexExpr) -> Expr = { builder in
      let view = builder.view(left)
      return { _, m, k in view.load(transA ? [k, m] : [m, k]) }
    }
    let finish = {
      (builder: KernelBuilder, _: [IndexExpr], m: IndexExpr, n: IndexExpr, sum: Expr)
        throws(Diagnostic) in
      var value = sum
      if isScaledLate { value = .binary(.mul, value, .constant(scale, element)) }
      if let addend {
        var c = builder.view(addend).loadBroadcast([m, n], of: [geometry.rows, columns])
        if share != 1 { c = .binary(.mul, c, .constant(share, element)) }
        value = .binary(.add, value, c)
      }
      return try sink.store(value, at: [m, n], builder)
    }

    if isPacked, let weights, let width = columns.value {
      return try MatrixMultiply(
        batch: [], rows: geometry.rows, depth: geometry.depth, columns: width, left: leftReader,
        right: .packed(weights, isTransposed: transB, factor: Float(scale)),
        constants: SumConstants(bias: packedBias.map { .floats($0) }), finish: finish,
        isFinishedApart: try sink.usesFunctions(context.target)
      ).lower(context)
    }
    let matrix: Placed
    if let right { matrix = right } else { matrix = try context.plain(1) }
    let rightReader: (KernelBuilder) -> ([IndexExpr], IndexExpr, IndexExpr) -> Expr = { builder in
      let view = builder.view(matrix)
      return { _, k, n in view.load(transB ? [n, k] : [k, n]) }
    }
    try DirectProduct(
      batch: [], rows: geometry.rows, depth: geometry.depth, columns: columns, element: element,
      left: leftReader, right: rightReader, finish: finish
    ).lower(context)
  }

  /// A constant bias that is the same for every row, scaled; nil where there is none such.
  private func rowBias(_ context: NodeLowering, _ columns: IndexExpr) -> [Float]? {
    guard let c = context.constant(2), let width = columns.value,
      c.elementCount == 1 || (c.elementCount == width && c.shape.last == width)
    else { return nil }
    let values = c.array(of: Float.self).map { $0 * Float(beta) }
    return values.count == 1 ? Array(repeating: values[0], count: width) : values
  }
}
