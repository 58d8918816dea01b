import Diagnostics
import Loops
import Ops
import Tensors

/// A product of unsigned bytes with one constant matrix of bytes, in matrix registers or register tiles; the batch is more
/// rows.
struct ByteProduct {
  let geometry: MatrixGeometry
  let depth: Int
  let constants: IntegerLayerConstants
  let isVector: Bool

  /// Of a node whose operands are inputs 0 and 1; nil for what other kernels have to compute.
  init?(
    _ context: NodeLowering, _ geometry: MatrixGeometry, isMultiplied: Bool
  ) throws(Diagnostic) {
    guard try context.element(0) == .u8, try context.shape(1).count == 2,
      let depth = geometry.depth.value,
      let constants = IntegerLayerConstants(
        context, isPerRow: false, isMultiplied: isMultiplied), constants.areSignedBytes
    else { return nil }
    self.geometry = geometry
    self.depth = depth
    self.constants = constants
    isVector = try context.shape(0).count == 1
  }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    try context.requireProduct(0, 1, geometry)
    let rows = (geometry.leftBatch + [geometry.rows]).reduce(1, *)
    let output = try context.output()
    let columns = constants.channels
    let sink = try constants.corrected(output, context, channelAxis: output.shape.count - 1)
    func place(_ row: IndexExpr, _ column: IndexExpr) -> [IndexExpr] {
      var position = delinearize(row, geometry.leftBatch + [geometry.rows])
      if isVector { position.removeLast() }
      return position + [column]
    }
    if context.target.hasMatrixTiles, let registers = MatrixTileGeometry(rows: rows, depth: depth) {
      return try MatrixTileConvolution(
        geometry: registers,
        input: left(context, rows: rows, unit: MatrixTileGeometry.rowByteCount),
        sink: sink,
        weights: ConvolutionWeights(constants.centred, kernelStrides: [0]) { $1 * columns + $0 },
        filters: columns, constants: constants.sums, place: place
      ).lower(context)
    }
    let steps = IndexExpr((depth + 3) / 4)
    let bytes = try left(context, rows: rows, unit: 4)
    let left = Placed(memory: bytes.memory, element: .i32, shape: [rows, steps], layout: .plain)
    try MatrixMultiply(
      batch: [], rows: rows, depth: steps, columns: columns,
      left: { builder in
        let view = builder.view(left)
        return { _, m, k in view.load([m, k]) }
      },
      right: .packed(constants.centred), constants: constants.sums,
      finish: { builder, _, m, n, sum throws(Diagnostic) in
        try sink.store(sum, at: place(m, n), builder)
      }, isFinishedApart: try sink.usesFunctions(context.target), arithmetic: .byteQuads,
      rightRows: depth
    ).lower(context)
  }

  /// The left operand as `[rows, depth]` bytes, rows filled up to whole units: copied where they are not.
  private func left(
    _ context: NodeLowering, rows: IndexExpr, unit: Int
  ) throws(Diagnostic) -> Placed {
    let left = try context.plain(0).reshaped(to: [rows, IndexExpr(depth)])
    if depth % unit == 0 { return left }
    let padded = context.temporary(.u8, [rows, IndexExpr((depth + unit - 1) / unit * unit)])
    let builder = context.builder()
    let body = try Nest.over(padded, builder) { position throws(Diagnostic) in
      let isInside = Expr.compare(.less, .index(position[1]), .index(IndexExpr(depth)))
      let value = builder.view(left).load(position, when: isInside, otherwise: .zero(.u8))
      return [builder.view(padded, isWritten: true).store(value, at: position)]
    }
    context.launch("fill_rows", builder, body, work: padded.shape.reduce(2, *))
    return padded
  }
}
