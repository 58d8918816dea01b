import Diagnostics
import Loops
import Tensors

/// Tiles of sums one after the other: while matrix registers compute one, vector registers finish the one before.
///
/// A product of two matrix registers takes 16 cycles and is one instruction, so between two steps of a sum there is room
/// for a part of the other work; the sums of two tiles wait in scratch memory by turns.
struct MatrixTilePipeline {
  /// What is computed into one tile.
  struct Work {
    let panel: IndexExpr
    /// The image, and positions on the axes whose rows are no part of the tile.
    let outer: [IndexExpr]
    /// The first pixel, and the first one that is this tile's own: the last tile begins where it ends with the last
    /// pixel, and leaves alone what others compute.
    let start: IndexExpr
    let nominal: IndexExpr
  }

  let geometry: MatrixTileGeometry
  let sink: Sink
  let builder: KernelBuilder
  let plane: MatrixTilePlane
  let panel: MatrixTilePanel
  /// `[2, pixels, filters]`.
  let sums: Buffer
  /// Registers of pixels in a tile.
  let tiles: Int
  /// Pixels that follow each other in memory.
  let pixels: Int
  /// Where a row and a column of a product belong in the sink; nil for convolutions.
  let place: ((_ row: IndexExpr, _ column: IndexExpr) -> [IndexExpr])?

  private static let lanes = TileStatement.rowByteCount / 4
  private static let firstInput = 4
  private static let firstWeight = 6

  private var perTile: Int { tiles * MatrixTileGeometry.rows }

  func work(panel: IndexExpr, outer: [IndexExpr], tile: IndexExpr) -> Work {
    let nominal = tile * IndexExpr(perTile)
    let start =
      pixels >= perTile ? IndexExpr.min(nominal, IndexExpr(pixels - perTile)) : IndexExpr(0)
    return Work(panel: panel, outer: outer, start: start, nominal: nominal)
  }

  /// Computes and finishes `count` tiles, at least one.
  func run(
    _ count: IndexExpr, _ work: (IndexExpr) -> Work
  ) throws(Diagnostic) -> [Statement] {
    let perStep = (perTile + geometry.depth - 1) / geometry.depth
    let number = builder.index("t", count)
    let current = IndexExpr(number)
    var body = try compute(work(0), slot: 0) { _ in [] }
    if count != 1 {
      let step = try compute(work(current), slot: current.mod(2)) { row throws(Diagnostic) in
        let first = IndexExpr.min(row * IndexExpr(perStep), IndexExpr(perTile))
        return try finish(
          work(current - 1), slot: (current - 1).mod(2), from: first,
          to: .min(first + IndexExpr(perStep), IndexExpr(perTile)))
      }
      body.append(.loop(Loop(number, from: 1, to: count, body: step)))
    }
    let last = count - 1
    return body + (try finish(work(last), slot: last.mod(2), from: 0, to: IndexExpr(perTile)))
  }

  /// The sums of one tile, left in scratch memory.
  ///
  /// - Parameter between: what else is to be done behind each step of the sum.
  private func compute(
    _ work: Work, slot: IndexExpr,
    between: (_ row: IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let width = panel.width
    var body = (0..<tiles * width).map { Statement.tile(.zero($0)) }
    let extents = [geometry.blocks] + geometry.outerTaps + [geometry.steps]
    body += try Nest.axes(extents.map { IndexExpr($0) }, .serial, builder) {
      at throws(Diagnostic) in
      let row = zip(at, extents).reduce(IndexExpr(0)) { $0 * IndexExpr($1.1) + $1.0 }
      var step: [Statement] = []
      for tile in 0..<tiles {
        let first = work.start + IndexExpr(tile * MatrixTileGeometry.rows)
        step.append(
          .tile(
            plane.load(
              Self.firstInput + tile, work.outer, first, at[0], Array(at[1..<at.count - 1]),
              at[at.count - 1])))
      }
      for block in 0..<width {
        step.append(.tile(panel.load(Self.firstWeight + block, work.panel, row, block)))
      }
      for sum in 0..<tiles * width {
        step.append(
          .tile(
            .dot(
              sum: sum, a: Self.firstInput + sum / width, b: Self.firstWeight + sum % width)))
      }
      return step + (try between(row))
    }
    for sum in 0..<tiles * width {
      let position = [
        slot, IndexExpr(sum / width * MatrixTileGeometry.rows), IndexExpr(sum % width * Self.lanes),
      ]
      body.append(.tile(.store(sum, sums, position, rowStride: IndexExpr(width * Self.lanes))))
    }
    return body
  }

  /// The sums of some pixels of a tile that are its own, on their way out.
  private func finish(
    _ work: Work, slot: IndexExpr, from first: IndexExpr, to end: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let last = geometry.axes.count - 1
    let variable = builder.index("p", IndexExpr(perTile))
    let pixel = IndexExpr(variable)
    let at = work.start + pixel
    let pitch = IndexExpr(plane.pitch)
    let row = geometry.isFlat ? [at.floorDiv(pitch)] : []
    let column = geometry.isFlat ? at.mod(pitch) : at
    let spatial = Array(work.outer.dropFirst()) + row + [column]
    var stores: [Statement] = []
    for block in 0..<panel.width {
      stores += try builder.loop("lane", IndexExpr(Self.lanes), .vector(lanes: Self.lanes)) {
        lane throws(Diagnostic) in
        let inside = IndexExpr(block * Self.lanes) + lane
        let firstBlock = IndexExpr(panel.firstBlock) + work.panel * IndexExpr(panel.width)
        let channel = firstBlock * IndexExpr(Self.lanes) + inside
        var sum = Expr.load(sums, [slot, pixel, inside])
        if let bias = panel.bias { sum = sum.plus(bias.load([work.panel, inside])) }
        if let factors = panel.factors {
          sum = sum.converted(to: .f32).times(factors.load([work.panel, inside]))
        }
        return try sink.store(
          sum, at: place?(column, channel) ?? [work.outer[0], channel] + spatial, builder)
      }
    }
    let conditions = [
      Expr.compare(.less, .index(column), .index(geometry.axes[last].count)),
      .compare(.less, .index(at), .index(IndexExpr(pixels))),
      .compare(.greaterOrEqual, .index(at), .index(work.nominal)),
    ]
    let isOwn = conditions.dropFirst().reduce(conditions[0]) { .binary(.and, $0, $1) }
    let body = [Statement.if(isOwn, then: stores, else: [])]
    return [.loop(Loop(variable, from: first, to: end, body: body))]
  }
}
