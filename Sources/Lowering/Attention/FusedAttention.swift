import Diagnostics
import Loops
import Ops
import Tensors

/// An attention in one kernel: a head's keys and values are packed once, then each tile of queries makes its scores, their
/// softmax and its sums of values without leaving the cache.
///
/// Design: Dao et al. 2022, arXiv:2205.14135, without the blocks of keys: rows of scores are kept whole, so that the
/// softmax needs no second look at earlier blocks.
struct FusedAttention {
  let kernels: AttentionKernels
  let queries: CachedHeads
  let keys: CachedHeads
  let values: CachedHeads
  /// Keys in all, elements of a key and of a value.
  private let total: Int
  private let size: Int
  private let valueSize: Int
  private let tile: AttentionTile
  private let lanes: Int

  /// Queries that threads share at least, where there are few heads.
  private static let leastRows = 128

  /// Nil where a size is not known, another type than f32 is wanted, or scores are asked for; and where a head does not fit
  /// the cache.
  init?(_ kernels: AttentionKernels, queries: CachedHeads, keys: CachedHeads, values: CachedHeads) {
    let geometry = kernels.geometry
    let target = kernels.context.target
    guard kernels.element == .f32, !kernels.context.hasOutput(3),
      let total = geometry.total.value, let size = geometry.size.value,
      let valueSize = geometry.valueSize.value, total > 0, size > 0, valueSize > 0,
      let tile = AttentionTile(
        queries: geometry.queries.value, keys: total, size: size, valueSize: valueSize,
        for: target),
      (size + valueSize + tile.rows) * total * MemoryLayout<Float>.stride
        <= target.level2ByteCount * 3 / 4
    else { return nil }
    self.kernels = kernels
    (self.queries, self.keys, self.values) = (queries, keys, values)
    (self.total, self.size, self.valueSize, self.tile) = (total, size, valueSize, tile)
    lanes = target.lanes(.f32)
  }

  /// What one kernel keeps in memory of its own.
  private struct Scratch {
    /// `[block, E, lane]`: keys by blocks of lanes.
    let keys: Buffer
    /// `[T, Ev]`.
    let values: Buffer
    /// `[row, T]`: scores of a tile, then their powers.
    let scores: Buffer
    /// What the sums of a row are multiplied with.
    let factors: Buffer
  }

  func lower() throws(Diagnostic) {
    let context = kernels.context
    let geometry = kernels.geometry
    let sink = try context.transposableOutput()
    let builder = context.builder()
    let blocks = (total + lanes - 1) / lanes
    let valueBlocks = (valueSize + lanes - 1) / lanes
    let scratch = Scratch(
      keys: builder.scratch(.f32, [blocks, size, lanes]),
      values: builder.scratch(.f32, [total, valueBlocks * lanes]),
      scores: builder.scratch(.f32, [tile.rows, blocks * lanes]),
      factors: builder.scratch(.f32, [tile.rows]))
    let rows = geometry.queries
    let perChunk = rowsPerChunk
    let chunks = perChunk.map { rows.ceilDiv(IndexExpr($0)) } ?? 1
    let body = try Nest.axes([geometry.batch, geometry.heads, chunks], .parallel, builder) {
      place throws(Diagnostic) in
      let head = Array(place.prefix(2))
      let first = place[2] * IndexExpr(perChunk ?? 0)
      let end = perChunk.map { IndexExpr.min(rows, first + IndexExpr($0)) } ?? rows
      var body = try pack(builder, head, scratch)
      let whole = (end - first).floorDiv(IndexExpr(tile.rows))
      if whole != 0 {
        body += try builder.loop("q", whole) { number throws(Diagnostic) in
          try self.rows(
            builder, head, first + number * IndexExpr(tile.rows), tile.rows, scratch, sink)
        }
      }
      let done = first + whole * IndexExpr(tile.rows)
      if let rest = (end - done).value, chunks == 1 {
        if rest > 0 { body += try self.rows(builder, head, done, rest, scratch, sink) }
        return body
      }
      return body
        + (try builder.loop("q", end - done) { row throws(Diagnostic) in
          try self.rows(builder, head, done + row, 1, scratch, sink)
        })
    }
    context.launch(
      "attention", builder, body, work: work,
      note:
        "one kernel; \(tile.rows) queries, tiles of \(tile.keyBlocks) and \(tile.valueBlocks) vectors"
    )
  }

  private var work: IndexExpr {
    kernels.geometry.scores.reduce(IndexExpr((size + valueSize) / 8 + 20), *)
  }

  /// Rows of one parallel iteration; nil for all, which packs a head's keys once.
  private var rowsPerChunk: Int? {
    let heads = kernels.geometry.batch * kernels.geometry.heads
    guard let count = heads.value, count < 8 else { return nil }
    return (Self.leastRows + tile.rows - 1) / tile.rows * tile.rows
  }

  private func pack(
    _ builder: KernelBuilder, _ head: [IndexExpr], _ scratch: Scratch
  ) throws(Diagnostic) -> [Statement] {
    let keyHead = head[1].floorDiv(kernels.perKey)
    let packedKeys = try overBlocks(builder, of: total) { block, active throws(Diagnostic) in
      try builder.loop("e", IndexExpr(size)) { index throws(Diagnostic) in
        let stores = try builder.loop("lane", IndexExpr(active), .vector(lanes: lanes)) { lane in
          let key = block * IndexExpr(lanes) + lane
          let value = keys.load(builder, head[0], keyHead, key, index)
          return [.store(scratch.keys, [block, index, lane], value.times(kernels.scale))]
        }
        if active == lanes { return stores }
        // Lanes beyond the last key are computed like others: with numbers, whatever they are.
        return stores
          + (try builder.loop("lane", IndexExpr(lanes - active), .vector(lanes: lanes)) { lane in
            [.store(scratch.keys, [block, index, lane + IndexExpr(active)], .zero(.f32))]
          })
      }
    }
    let packedValues = try builder.loop("t", IndexExpr(total)) { key throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(valueSize), .vector(lanes: lanes)) { index in
        let value = values.load(builder, head[0], keyHead, key, index)
        return [.store(scratch.values, [key, index], value)]
      }
    }
    return packedKeys + packedValues
  }

  /// Whole blocks of lanes in a loop, then the one that is not full.
  private func overBlocks(
    _ builder: KernelBuilder, of count: Int,
    _ body: (IndexExpr, _ active: Int) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    var statements: [Statement] = []
    if count / lanes > 0 {
      statements += try builder.loop("v", IndexExpr(count / lanes)) { block throws(Diagnostic) in
        try body(block, lanes)
      }
    }
    if count % lanes > 0 { statements += try body(IndexExpr(count / lanes), count % lanes) }
    return statements
  }

  /// Scores, softmax and sums of so many queries.
  private func rows(
    _ builder: KernelBuilder, _ head: [IndexExpr], _ first: IndexExpr, _ count: Int,
    _ scratch: Scratch, _ sink: Sink
  ) throws(Diagnostic) -> [Statement] {
    let columns = (total + lanes - 1) / lanes * lanes
    let scores = try tiles(builder, count, perTile: tile.keyBlocks, columns: columns, depth: size) {
      firstBlock, isLast in
      .init(
        initial: { _, _, _ in .float(0, .f32) },
        input: { row, step in
          queries.load(builder, head[0], head[1], first + row, step.channel)
        },
        weight: { block, lane, step in .load(scratch.keys, [firstBlock + block, step.row, lane]) },
        finish: { row, block, lane, sum throws(Diagnostic) in
          let key = (firstBlock + block) * IndexExpr(lanes) + lane
          let (statements, score) = try kernels.masked(
            builder, head + [first + row, key], sum, isPadded: isLast && columns > total)
          return statements + [.store(scratch.scores, [row, key], score)]
        })
    }
    let shares = try builder.loop("r", IndexExpr(count)) { row throws(Diagnostic) in
      try softmax(builder, row, scratch)
    }
    let sums = try tiles(
      builder, count, perTile: tile.valueBlocks, columns: valueSize, depth: total
    ) { firstBlock, _ in
      .init(
        initial: { _, _, _ in .float(0, .f32) },
        input: { row, step in .load(scratch.scores, [row, step.channel]) },
        weight: { block, lane, step in
          .load(scratch.values, [step.row, (firstBlock + block) * IndexExpr(lanes) + lane])
        },
        finish: { row, block, lane, sum throws(Diagnostic) in
          let index = (firstBlock + block) * IndexExpr(lanes) + lane
          let position =
            sink.shape.count == 3
            ? [head[0], first + row, head[1] * IndexExpr(valueSize) + index]
            : head + [first + row, index]
          let value = sum.times(.load(scratch.factors, [row]))
          return try sink.store(value, at: position, builder)
        })
    }
    return scores + shares + sums
  }

  /// Register tiles over all columns: whole ones in a loop, then blocks that are left, then lanes.
  private func tiles(
    _ builder: KernelBuilder, _ rows: Int, perTile: Int, columns: Int, depth: Int,
    _ operands: (_ firstBlock: IndexExpr, _ isLast: Bool) -> RegisterTile.Operands
  ) throws(Diagnostic) -> [Statement] {
    func tile(
      _ first: IndexExpr, _ blocks: Int, _ active: Int, isLast: Bool = true
    ) throws(Diagnostic) -> [Statement] {
      try RegisterTile(pixels: rows, blocks: blocks, lanes: lanes).emit(
        builder, activeLanes: active, operands(first, isLast)
      ) { step throws(Diagnostic) in
        try RegisterTile.run(builder, IndexExpr(depth)) { k throws(Diagnostic) in
          try step(RegisterTile.Step(channel: k, row: k, taps: []))
        }
      }
    }
    let blocks = columns / lanes
    let whole = blocks / perTile
    var statements: [Statement] = []
    if whole > 0 {
      statements += try builder.loop("n", IndexExpr(whole)) { number throws(Diagnostic) in
        // The last of equal tiles is not told from the others.
        try tile(
          number * IndexExpr(perTile), perTile, lanes,
          isLast: blocks % perTile == 0 && columns % lanes == 0)
      }
    }
    if blocks % perTile > 0 {
      statements += try tile(IndexExpr(whole * perTile), blocks % perTile, lanes)
    }
    if columns % lanes > 0 { statements += try tile(IndexExpr(blocks), 1, columns % lanes) }
    return statements
  }

  /// Powers of a row of scores in place, and the reciprocal of their sum.
  private func softmax(
    _ builder: KernelBuilder, _ row: IndexExpr, _ scratch: Scratch
  ) throws(Diagnostic) -> [Statement] {
    let sweep = LaneSweep(count: IndexExpr(total), lanes: lanes)
    let lowest = Expr.float(-.infinity, .f32)
    return try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
      lane throws(Diagnostic) in
      func load(_ index: IndexExpr, _ isInside: Expr?) -> Expr {
        isInside.map { .loadIf($0, scratch.scores, [row, index], otherwise: lowest) }
          ?? .load(scratch.scores, [row, index])
      }
      let (largest, sum) = (builder.registers("max", .f32), builder.registers("sum", .f32))
      let (top, total) = (builder.local("top", .f32), builder.local("total", .f32))
      let maximum = Expr.reduceLanes(.max, .register(largest, []))
      let first = try sweep(builder, lane) { index, isInside in
        [.set(largest, [], .binary(.max, .register(largest, []), load(index, isInside)))]
      }
      let second = try sweep(builder, lane) { index, isInside in
        let power = builder.local("e", .f32)
        return [
          .let(power, load(index, isInside).minus(.local(top)).shareOfLargest),
          .set(sum, [], Expr.register(sum, []).plus(.local(power))),
          guarded(.store(scratch.scores, [row, index], .local(power)), by: isInside),
        ]
      }
      // A row that shows nothing is taken off zero, and gives zeros.
      let isNothing = Expr.compare(.equal, maximum, lowest)
      let isEmpty = Expr.compare(.equal, .local(total), .zero(.f32))
      let share = Expr.select(
        isEmpty, .zero(.f32), Expr.constant(1, .f32).divided(by: .local(total)))
      return [.registers(largest, initial: lowest), .registers(sum, initial: .zero(.f32))] + first
        + [.let(top, .select(isNothing, .zero(.f32), maximum))] + second
        + [
          .let(total, .reduceLanes(.add, .register(sum, []))),
          .store(scratch.factors, [row], share),
        ]
    }
  }
}
