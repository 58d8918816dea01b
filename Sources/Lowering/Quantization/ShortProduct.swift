import Diagnostics
import Loops
import Ops
import Tensors

/// A product of two computed operands of bytes whose sums are so short that single precision holds them: bytes as floats.
struct ShortProduct {
  let geometry: MatrixGeometry
  let width: Int

  /// Products of 9 bits of which single precision holds so many in a sum: 24 bits.
  private static let deepestExact = (1 << 24) / (255 * 255)

  /// Nil for sums that are longer, or of open length, and for open widths.
  init?(_ geometry: MatrixGeometry) {
    guard let depth = geometry.depth.value, depth <= Self.deepestExact,
      let width = geometry.columns.value
    else { return nil }
    self.geometry = geometry
    self.width = width
  }

  /// - Parameters:
  ///   - zeros: the inputs that are zero points of inputs 0 and 1; nil for zero.
  ///   - finish: the result for a sum, a whole number of type f32.
  func lower(
    _ context: NodeLowering, zeros: [Int?],
    _ finish: @escaping (KernelBuilder, _ column: IndexExpr, _ sum: Expr) -> Expr
  ) throws(Diagnostic) {
    context.note("both operands are computed: bytes as floats, in which sums are exact")
    let (a, b) = try (context.shape(0), context.shape(1))
    let (isLeftVector, isRightVector) = (a.count == 1, b.count == 1)
    let left = try centred(
      context, 0, as: isLeftVector ? [1] + a : a, zero: zeros[0], isPerRow: true)
    let right = try centred(
      context, 1, as: isRightVector ? b + [1] : b, zero: zeros[1], isPerRow: false)
    let sink = try context.output()
    try MatrixMultiply(
      batch: geometry.batch, rows: geometry.rows, depth: geometry.depth, columns: width,
      left: left.matrices(geometry.leftBatch, of: geometry.batch),
      right: .loaded(right.matrices(geometry.rightBatch, of: geometry.batch)),
      constants: SumConstants(),
      finish: { builder, batch, m, n, sum throws(Diagnostic) in
        let position = batch + (isLeftVector ? [] : [m]) + (isRightVector ? [] : [n])
        return try sink.store(finish(builder, n, sum), at: position, builder)
      }, isFinishedApart: try sink.usesFunctions(context.target)
    ).lower(context)
  }

  /// The matrices of an operand less their zero points, as floats.
  private func centred(
    _ context: NodeLowering, _ index: Int, as shape: [IndexExpr], zero: Int?, isPerRow: Bool
  ) throws(Diagnostic) -> Placed {
    let source = try context.plain(index).reshaped(to: shape)
    let point = try zero.map { zero throws(Diagnostic) in
      try MatrixParameter(context, zero, isPerRow: isPerRow, of: shape)
    }
    let floats = context.temporary(.f32, shape)
    let builder = context.builder()
    let body = try Nest.over(floats, builder) { position throws(Diagnostic) in
      let (row, column) = (position[position.count - 2], position[position.count - 1])
      var value = builder.view(source).load(position).converted(to: .f32)
      if let point {
        let batch = Array(position.dropLast(2))
        value = value.minus(
          point.load(builder, batch, row: row, column: column).converted(to: .f32))
      }
      return [builder.view(floats, isWritten: true).store(value, at: position)]
    }
    context.launch("centre", builder, body, work: shape.reduce(2, *))
    return floats
  }
}
