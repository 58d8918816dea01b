import Diagnostics
import Loops
import Tensors

/// A batch of matrix products in register tiles: lanes hold columns of the result, tiles hold rows.
struct MatrixMultiply {
  /// Where the right operand comes from.
  enum Right {
    /// A constant matrix of type f32, or its transpose, packed in panels at compile time with every element multiplied
    /// by a factor.
    case packed(Tensor, isTransposed: Bool = false, factor: Float = 1)
    /// Computed at run time, read where it lies, at a batch position, a row and a column.
    case loaded((KernelBuilder) -> (_ batch: [IndexExpr], _ k: IndexExpr, _ n: IndexExpr) -> Expr)

    fileprivate var origin: String {
      switch self {
      case .packed: "constant operand in panels"
      case .loaded: "computed operand read where it lies"
      }
    }
  }

  let batch: [IndexExpr]
  let rows: IndexExpr
  let depth: IndexExpr
  let columns: Int
  let left: (KernelBuilder) -> (_ batch: [IndexExpr], _ m: IndexExpr, _ k: IndexExpr) -> Expr
  let right: Right
  /// Added to every row, one per column.
  let bias: [Float]?
  /// The statements that use a finished element of the result.
  let finish:
    (
      KernelBuilder, _ batch: [IndexExpr], _ m: IndexExpr, _ n: IndexExpr, Expr
    ) throws(Diagnostic) -> [Statement]

  /// Row tiles that one parallel iteration covers.
  private static let tilesPerChunk = 8

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let lanes = context.target.lanes(.f32)
    let blocks = columns / lanes
    let cut = RegisterTile.cut(width: rows.value ?? 64, blocks: max(1, blocks), for: context.target)
    let whole = blocks / cut.blocks * cut.blocks
    if whole > 0 {
      try launch(context, cut.pixels, perTile: cut.blocks, columns: 0..<whole * lanes, lanes)
    }
    if whole < blocks {
      try launch(
        context, cut.pixels, perTile: blocks - whole, columns: whole * lanes..<blocks * lanes, lanes
      )
    }
    if columns % lanes != 0 {
      let room = context.target.vectorRegisterCount - 3
      let rest = RegisterTile.cut(width: rows.value ?? room, blocks: 1, for: context.target)
      try launch(context, rest.pixels, perTile: 1, columns: blocks * lanes..<columns, lanes)
    }
  }

  private func launch(
    _ context: NodeLowering, _ pixels: Int, perTile: Int, columns range: Range<Int>, _ lanes: Int
  ) throws(Diagnostic) {
    let builder = context.builder()
    let width = perTile * lanes
    let panels = (range.count + width - 1) / width
    let load = left(builder)
    let weight = rightReader(context, builder, range, perTile, lanes)
    let biases = bias.map { values in
      builder.view(context.packed(packedBias(values, range, width)))
    }
    let chunkRows = pixels * Self.tilesPerChunk
    let chunks = rows.ceilDiv(IndexExpr(chunkRows))

    let body = try Nest.axes([IndexExpr(panels)] + batch + [chunks], .parallel, builder) {
      outer throws(Diagnostic) in
      let panel = outer[0]
      let place = Array(outer[1..<1 + batch.count])
      let chunk = outer[outer.count - 1]
      func tile(_ height: Int, _ start: IndexExpr) throws(Diagnostic) -> [Statement] {
        let operands = RegisterTile.Operands(
          initial: { block, lane in
            biases?.load([panel, block * IndexExpr(lanes) + lane]) ?? .float(0, .f32)
          },
          input: { pixel, step in load(place, start + pixel, step.channel) },
          weight: { block, lane, step in weight(place, panel, step.channel, block, lane) },
          finish: { pixel, block, lane, sum throws(Diagnostic) in
            let n =
              IndexExpr(range.lowerBound) + panel * IndexExpr(width) + block * IndexExpr(lanes)
              + lane
            return try finish(builder, place, start + pixel, n, sum)
          })
        let active = range.count < lanes ? range.count : nil
        return try RegisterTile(pixels: height, blocks: perTile, lanes: lanes).emit(
          builder, activeLanes: active, operands
        ) { step throws(Diagnostic) in
          try RegisterTile.run(builder, depth) { k throws(Diagnostic) in
            try step(RegisterTile.Step(channel: k, row: k, taps: []))
          }
        }
      }
      return try overRows(builder, chunk, chunks, pixels, tile)
    }
    let work = (batch + [rows, depth]).reduce(IndexExpr(range.count), *).floorDiv(8)
    context.launch(
      "matmul", builder, body, work: work,
      note: "register tile \(pixels)x\(perTile); \(right.origin)")
  }

  /// The tiles of one chunk of rows: whole ones, and in the last chunk the rows that remain.
  private func overRows(
    _ builder: KernelBuilder, _ chunk: IndexExpr, _ chunks: IndexExpr, _ pixels: Int,
    _ tile: (Int, IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let tiles = rows.floorDiv(IndexExpr(pixels))
    let first = chunk * IndexExpr(Self.tilesPerChunk)
    let end = IndexExpr.min(tiles, first + IndexExpr(Self.tilesPerChunk))
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
    _ batch: [IndexExpr], _ panel: IndexExpr, _ k: IndexExpr, _ block: IndexExpr, _ lane: IndexExpr
  ) -> Expr

  private func rightReader(
    _ context: NodeLowering, _ builder: KernelBuilder, _ range: Range<Int>, _ perTile: Int,
    _ lanes: Int
  ) -> Weight {
    switch right {
    case .packed(let matrix, let isTransposed, let factor):
      let packing = PackedWeights(
        outputChannels: range, inputChannels: depth.constant, chunk: max(1, depth.constant),
        blocks: perTile, lanes: lanes)
      let (depth, columns) = (depth.constant, columns)
      let packed = packing.pack(matrix, taps: [0], factor: factor) { n, k in
        isTransposed ? n * depth + k : k * columns + n
      }
      let view = builder.view(context.packed(packed))
      return { _, panel, k, block, lane in view.load([panel, k, block * IndexExpr(lanes) + lane]) }
    case .loaded(let make):
      let element = make(builder)
      let first = IndexExpr(range.lowerBound)
      let width = IndexExpr(perTile * lanes)
      return { batch, panel, k, block, lane in
        element(batch, k, first + panel * width + block * IndexExpr(lanes) + lane)
      }
    }
  }

  private func packedBias(_ values: [Float], _ range: Range<Int>, _ width: Int) -> Tensor {
    let panels = (range.count + width - 1) / width
    var packed = Array(values[range])
    packed += Array(repeating: 0, count: panels * width - packed.count)
    return Tensor(packed, shape: [panels, width])
  }
}
