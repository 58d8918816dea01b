package import Diagnostics
import Loops
package import Ops
import Tensors

extension MatMulInteger: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let geometry = try MatrixGeometry(context.shape(0), context.shape(1))
    if let bytes = try ByteProduct(context, geometry, isMultiplied: false) {
      return try bytes.lower(context)
    }
    let zeros = [2, 3].map { context.hasInput($0) ? $0 : nil }
    if let short = ShortProduct(geometry) {
      try context.requireProduct(0, 1, geometry)
      return try short.lower(context, zeros: zeros) { _, _, sum in sum.converted(to: .i32) }
    }
    context.note("element by element: both operands are computed, or wider than a byte")
    try QuantizedProduct(a: 0, b: 1, aZero: zeros[0], bZero: zeros[1]).lower(context) {
      _, _, _, _, sum in sum
    }
  }
}

extension QLinearMatMul: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let target = try context.outputElement()
    let shapes = try [0, 3].map { index throws(Diagnostic) in try context.shape(index) }
    let left = shapes[0].count == 1 ? [1] + shapes[0] : shapes[0]
    let right = shapes[1].count == 1 ? shapes[1] + [1] : shapes[1]
    let geometry = try MatrixGeometry(left, right)
    let operands = [(1, true, left), (4, false, right), (6, true, geometry.output)]
    let scales = try operands.map { index, isPerRow, shape throws(Diagnostic) in
      try MatrixParameter(context, index, isPerRow: isPerRow, of: shape)
    }
    let zero = try MatrixParameter(context, 7, isPerRow: true, of: geometry.output)
    for type in scales.map(\.placed.element) + [target] { try type.requireComputable() }
    try QuantizedProduct(a: 0, b: 3, aZero: 2, bZero: 5).lower(context) {
      builder, batch, row, column, sum in
      let factors = scales.map {
        $0.load(builder, batch, row: row, column: column).converted(to: .f32)
      }
      let multiplier = factors[0].times(factors[1]).divided(by: factors[2])
      let point = zero.load(builder, batch, row: row, column: column)
      return sum.converted(to: .f32).times(multiplier).quantized(zeroPoint: point, to: target)
    }
  }
}

/// A matrix product of 8-bit operands less their zero points, exact in 32 bits.
struct QuantizedProduct {
  /// Numbers of inputs.
  let a: Int
  let b: Int
  let aZero: Int?
  let bZero: Int?

  func lower(
    _ context: NodeLowering,
    _ finish:
      @escaping (
        KernelBuilder, _ batch: [IndexExpr], _ row: IndexExpr, _ column: IndexExpr, _ sum: Expr
      ) -> Expr
  ) throws(Diagnostic) {
    let (left, right) = try (context.plain(a), context.plain(b))
    try left.element.requireComputable()
    try right.element.requireComputable()
    let geometry = try MatrixGeometry(left.shape, right.shape)
    try context.requireProduct(a, b, geometry)
    let isLeftVector = left.shape.count == 1
    let isRightVector = right.shape.count == 1
    let wideLeft = left.reshaped(to: isLeftVector ? [1] + left.shape : left.shape)
    let wideRight = right.reshaped(to: isRightVector ? right.shape + [1] : right.shape)
    let rows = try aZero.map { index throws(Diagnostic) in
      try MatrixParameter(context, index, isPerRow: true, of: wideLeft.shape)
    }
    let columns = try bZero.map { index throws(Diagnostic) in
      try MatrixParameter(context, index, isPerRow: false, of: wideRight.shape)
    }
    let sink = try context.output()
    try DirectProduct(
      batch: geometry.batch, rows: geometry.rows, depth: geometry.depth,
      columns: geometry.columns, element: .i32,
      left: { builder in
        { batch, m, k in
          let place = broadcastPosition(batch, to: geometry.leftBatch, of: geometry.batch)
          let value = builder.view(wideLeft).load(place + [m, k]).converted(to: .i32)
          guard let rows else { return value }
          return value.minus(rows.load(builder, place, row: m, column: k).converted(to: .i32))
        }
      },
      right: { builder in
        { batch, k, n in
          let place = broadcastPosition(batch, to: geometry.rightBatch, of: geometry.batch)
          let value = builder.view(wideRight).load(place + [k, n]).converted(to: .i32)
          guard let columns else { return value }
          return value.minus(columns.load(builder, place, row: k, column: n).converted(to: .i32))
        }
      },
      finish: { builder, batch, m, n, sum throws(Diagnostic) in
        let position = batch + (isLeftVector ? [] : [m]) + (isRightVector ? [] : [n])
        return try sink.store(finish(builder, batch, m, n, sum), at: position, builder)
      }
    ).lower(context)
  }
}
