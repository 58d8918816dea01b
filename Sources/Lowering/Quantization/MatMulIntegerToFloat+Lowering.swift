package import Diagnostics
import Loops
package import Ops
import Tensors

extension MatMulIntegerToFloat: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (a, b) = try (context.shape(0), context.shape(1))
    let geometry = try MatrixGeometry(a, b)
    try context.requireProduct(0, 1, geometry)
    let columns = b.count == 1 ? 1 : b[b.count - 1]
    for index in [4, 5] where context.hasInput(index) { try context.require(index, oneOr: columns) }
    if let bytes = try ByteProduct(context, geometry, isMultiplied: true) {
      return try bytes.lower(context)
    }
    let multiplier = try context.plain(4)
    let depth = geometry.depth.value ?? .max
    if depth <= Self.deepestExact, !context.hasInput(5), let width = geometry.columns.value {
      return try lowerFloats(context, geometry, width, multiplier)
    }
    let bias = context.hasInput(5) ? try context.plain(5) : nil
    context.note("element by element: both operands are computed, or wider than a byte")
    try QuantizedProduct(a: 0, b: 1, aZero: 2, bZero: 3).lower(context) {
      builder, _, _, column, sum in
      let total = bias.map { sum.plus(perColumn(builder, $0, column)) } ?? sum
      return total.converted(to: .f32).times(perColumn(builder, multiplier, column))
    }
  }

  /// Products of 9 bits of which single precision holds so many in a sum: 24 bits.
  private static let deepestExact = (1 << 24) / (255 * 255)

  /// Two computed operands: short sums are exact in single precision.
  private func lowerFloats(
    _ context: NodeLowering, _ geometry: MatrixGeometry, _ width: Int, _ multiplier: Placed
  ) throws(Diagnostic) {
    context.note("both operands are computed: bytes as floats, in which sums are exact")
    let (a, b) = try (context.shape(0), context.shape(1))
    let (isLeftVector, isRightVector) = (a.count == 1, b.count == 1)
    let left = try centred(
      context, 0, as: isLeftVector ? [1] + a : a, zero: 2, isPerRow: true)
    let right = try centred(
      context, 1, as: isRightVector ? b + [1] : b, zero: 3, isPerRow: false)
    let sink = try context.output()
    try MatrixMultiply(
      batch: geometry.batch, rows: geometry.rows, depth: geometry.depth, columns: width,
      left: left.matrices(geometry.leftBatch, of: geometry.batch),
      right: .loaded(right.matrices(geometry.rightBatch, of: geometry.batch)),
      constants: SumConstants(),
      finish: { builder, batch, m, n, sum throws(Diagnostic) in
        let position = batch + (isLeftVector ? [] : [m]) + (isRightVector ? [] : [n])
        return try sink.store(
          sum.times(perColumn(builder, multiplier, n)), at: position, builder)
      }, isFinishedApart: try sink.usesFunctions(context.target)
    ).lower(context)
  }

  /// The matrices of an operand less their zero points, as floats.
  private func centred(
    _ context: NodeLowering, _ index: Int, as shape: [IndexExpr], zero: Int, isPerRow: Bool
  ) throws(Diagnostic) -> Placed {
    let source = try context.plain(index).reshaped(to: shape)
    let point = try MatrixParameter(context, zero, isPerRow: isPerRow, of: shape)
    let floats = context.temporary(.f32, shape)
    let builder = context.builder()
    let body = try Nest.over(floats, builder) { position throws(Diagnostic) in
      let (row, column) = (position[position.count - 2], position[position.count - 1])
      let offset = point.load(builder, Array(position.dropLast(2)), row: row, column: column)
      let value = builder.view(source).load(position).converted(to: .f32)
        .minus(offset.converted(to: .f32))
      return [builder.view(floats, isWritten: true).store(value, at: position)]
    }
    context.launch("centre", builder, body, work: shape.reduce(2, *))
    return floats
  }

  private func perColumn(
    _ builder: KernelBuilder, _ placed: Placed, _ column: IndexExpr
  ) -> Expr {
    builder.view(placed).load(placed.shape.map { $0 == 1 ? 0 : column })
  }
}
