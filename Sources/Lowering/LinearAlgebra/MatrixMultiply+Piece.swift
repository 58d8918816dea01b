import Diagnostics
import Loops
import Tensors

extension MatrixMultiply {
  /// One launch of a product: a range of columns in panels of one width, for one sweep over the reduction.
  struct Piece {
    let product: MatrixMultiply
    let context: NodeLowering
    let order: Order
    /// The reduction steps; nil for all.
    let sweep: Range<Int>?
    /// Where sums are between two sweeps.
    let sums: Placed?
    /// Columns of the result.
    let range: Range<Int>
    /// Rows and vectors of a tile.
    let pixels: Int
    let perTile: Int
    let lanes: Int

    private var width: Int { perTile * lanes }
    private var panels: Int { (range.count + width - 1) / width }
    private var depth: IndexExpr { sweep.map { IndexExpr($0.count) } ?? product.depth }
    private var isFirst: Bool { (sweep?.lowerBound ?? 0) == 0 }
    private var isLast: Bool { sweep == nil || sweep?.upperBound == product.depth.value }

    func launch() throws(Diagnostic) {
      let builder = context.builder()
      let load = product.left(builder)
      let (weight, ahead) = rightReader(builder)
      let arithmetic = product.arithmetic
      let rows = PanelRows(columns: range, perTile: perTile, lanes: lanes)
      let start = isFirst ? product.constants.bias : nil
      let biases = start.map { builder.view(rows.pack($0, context)) }
      let factors = (isLast ? product.constants.multipliers : nil).map {
        builder.view(rows.pack($0, context))
      }
      let chunks = product.rows.ceilDiv(IndexExpr(pixels * MatrixMultiply.tilesPerChunk))
      let perSlab =
        order.slabRows.map { rows -> IndexExpr in
          // Of slabs that end beyond the last row, that part has nothing to do.
          let count = max(1, rows / (pixels * MatrixMultiply.tilesPerChunk))
          return IndexExpr(min(count, chunks.value ?? count))
        } ?? chunks
      let room =
        product.isFinishedApart && isLast
        ? RegisterTile(pixels: pixels, blocks: perTile, lanes: lanes)
          .room(builder, arithmetic.sum) : nil
      let axes = [chunks.ceilDiv(perSlab), IndexExpr(panels)] + product.batch + [perSlab]

      let body = try Nest.axes(axes, .parallel, builder) { outer throws(Diagnostic) in
        let panel = outer[1]
        let place = Array(outer[2..<2 + product.batch.count])
        let chunk = outer[0] * perSlab + outer[outer.count - 1]
        func tile(_ height: Int, _ start: IndexExpr) throws(Diagnostic) -> [Statement] {
          func column(_ block: IndexExpr, _ lane: IndexExpr) -> IndexExpr {
            IndexExpr(range.lowerBound) + panel * IndexExpr(width) + block * IndexExpr(lanes) + lane
          }
          let operands = RegisterTile.Operands(
            initial: { _, block, lane in
              biases?.load([panel, block * IndexExpr(lanes) + lane]) ?? .zero(arithmetic.sum)
            },
            input: { pixel, step in
              load(place, start + pixel, step.channel + IndexExpr(sweep?.lowerBound ?? 0))
            },
            weight: { block, lane, step in weight(place, panel, step.channel, block, lane) },
            finish: { pixel, block, lane, sum throws(Diagnostic) in
              let factor = factors?.load([panel, block * IndexExpr(lanes) + lane])
              return try finish(builder, place, start + pixel, column(block, lane), sum, factor)
            }, arithmetic: arithmetic)
          let active = range.count < lanes ? range.count : nil
          return try RegisterTile(pixels: height, blocks: perTile, lanes: lanes).emit(
            builder, activeLanes: active, room: room, operands
          ) { step throws(Diagnostic) in
            try RegisterTile.run(builder, depth, each: { ahead(panel, start, $0) }) {
              k throws(Diagnostic) in
              try step(RegisterTile.Step(channel: k, row: k, taps: []))
            }
          }
        }
        return try overRows(builder, chunk, chunks, tile)
      }
      let work = (product.batch + [product.rows, depth]).reduce(IndexExpr(range.count), *)
      context.launch(
        "matmul", builder, body, work: work.floorDiv(8),
        note: "register tile \(pixels)x\(perTile); \(product.right.origin)"
          + (sweep.map { "; steps \($0) of a deeper sum" } ?? ""))
    }

    /// Adds what earlier sweeps have summed, and hands the sum on: to the next sweep, or to the product's user.
    private func finish(
      _ builder: KernelBuilder, _ batch: [IndexExpr], _ m: IndexExpr, _ n: IndexExpr, _ sum: Expr,
      _ factor: Expr?
    ) throws(Diagnostic) -> [Statement] {
      let sums = SweepSums(waiting: sums, isFirst: isFirst, isLast: isLast)
      return try sums.add(sum, at: [m, n], builder) { total throws(Diagnostic) in
        let value = factor.map { total.converted(to: .f32).times($0) } ?? total
        return try product.finish(builder, batch, m, n, value)
      }
    }

    /// The tiles of one chunk of rows: whole ones, and in the last chunk the rows that remain.
    private func overRows(
      _ builder: KernelBuilder, _ chunk: IndexExpr, _ chunks: IndexExpr,
      _ tile: (Int, IndexExpr) throws(Diagnostic) -> [Statement]
    ) throws(Diagnostic) -> [Statement] {
      let rows = product.rows
      let tiles = rows.floorDiv(IndexExpr(pixels))
      let first = chunk * IndexExpr(MatrixMultiply.tilesPerChunk)
      let end = IndexExpr.min(tiles, first + IndexExpr(MatrixMultiply.tilesPerChunk))
      var statements: [Statement] = []
      if tiles != 0 {
        let number = builder.index("t", tiles)
        let body = try tile(pixels, IndexExpr(number) * IndexExpr(pixels))
        statements.append(.loop(Loop(number, from: first, to: end, body: body)))
      }
      let done = tiles * IndexExpr(pixels)
      if rows - done == 0 { return statements }
      let rest: [Statement]
      if let count = (rows - done).value {
        rest = try tile(count, done)
      } else {
        rest = try builder.loop("t", rows - done) { row throws(Diagnostic) in
          try tile(1, done + row)
        }
      }
      if chunks == 1 { return statements + rest }
      let isLast = Expr.compare(.equal, .index(chunk), .index(chunks - 1))
      return statements + [.if(isLast, then: rest, else: [])]
    }

    private typealias Weight = (
      _ batch: [IndexExpr], _ panel: IndexExpr, _ k: IndexExpr, _ block: IndexExpr,
      _ lane: IndexExpr
    ) -> Expr
    /// What asks for a part of the next panel, once in an iteration of the rolled loop.
    private typealias Ahead = (
      _ panel: IndexExpr, _ row: IndexExpr, _ iteration: IndexExpr
    ) -> [Statement]

    private func rightReader(_ builder: KernelBuilder) -> (Weight, Ahead) {
      switch product.right {
      case .packed(let matrix, let isTransposed, let factor):
        let terms = product.arithmetic.terms
        let first = (sweep?.lowerBound ?? 0) * terms
        let count = depth.constant * terms
        let packing = PackedWeights(
          outputChannels: range, inputChannels: count, chunk: max(1, count), blocks: perTile,
          lanes: lanes)
        let columns = product.columns
        let depth = product.rightRows ?? product.depth.constant * terms
        let packed = packing.pack(matrix, taps: [0], factor: factor) { n, k in
          if first + k >= depth { return nil }
          return isTransposed ? n * depth + first + k : (first + k) * columns + n
        }
        let view = builder.view(context.packed(product.arithmetic.joined(packed)))
        return (
          { _, panel, k, block, lane in
            view.load([panel, k, block * IndexExpr(lanes) + lane])
          },
          { panel, row, iteration in ahead(view, panel, row, iteration) }
        )
      case .loaded(let make):
        let element = make(builder)
        let first = IndexExpr(range.lowerBound)
        return (
          { batch, panel, k, block, lane in
            element(
              batch, k, first + panel * IndexExpr(width) + block * IndexExpr(lanes) + lane)
          }, { _, _, _ in [] }
        )
      }
    }

    /// Lines of the next panel: the tiles that meet this one ask for all of it, in equal parts.
    private func ahead(
      _ weights: View, _ panel: IndexExpr, _ row: IndexExpr, _ iteration: IndexExpr
    ) -> [Statement] {
      guard order.asksAhead, let rows = product.rows.value else { return [] }
      let tiles = min(rows, order.slabRows ?? rows) / pixels
      guard tiles > 0 else { return [] }
      let steps = RegisterTile.unroll
      let lines = (steps * perTile + tiles - 1) / tiles
      let perTile = depth.constant / steps * lines
      let tile = row.floorDiv(IndexExpr(pixels)).mod(IndexExpr(tiles))
      let first = tile * IndexExpr(perTile) + iteration * IndexExpr(lines)
      return (0..<lines).map { line in
        .prefetch(weights.buffer, [panel + 1, 0, (first + IndexExpr(line)) * IndexExpr(lanes)])
      }
    }
  }
}
