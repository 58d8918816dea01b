package import Diagnostics
import Loops
package import Ops
import Tensors

extension RoiAlign: Lowerable {
  /// What the samples along one side of a cell follow from.
  private struct Side {
    let start: Expr
    /// The length of a cell.
    let size: Expr
    let count: Symbol
    let cell: IndexExpr
    let limit: IndexExpr
  }

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (regions, images) = try (context.plain(1), context.plain(2))
    try context.require(1, [context.outputShape()[0], 4])
    try context.require(2, [context.outputShape()[0]])
    let lanes = try ChannelLanes(context)
    let x = try context.input(0, block: lanes.block)
    let sink = try context.output(block: context.prefersBlocks() ? lanes.block : nil)
    let state: ElementType = x.element == .f64 ? .f64 : .f32
    let cells = [sink.shape[0], lanes.groupCount, sink.shape[2], sink.shape[3]]
    try context.forEach("roi_align", cells, work: sink.shape.reduce(64, *)) {
      builder, position throws(Diagnostic) in
      let (binding, image) = clampedIndex(
        builder, builder.view(images).load([position[0]]), x.shape[0])
      let (rowStatements, rows) = side(
        builder, regions, position[0], 1, position[2], outputHeight, x.shape[2])
      let (columnStatements, columns) = side(
        builder, regions, position[0], 0, position[3], outputWidth, x.shape[3])
      let counts = [rows.count, columns.count].map { IndexExpr($0) }
      let samples = Expr.index(counts[0] * counts[1]).atLeast(1).converted(to: state)
      // A sum or the largest value for each of the channels.
      let found = builder.registers("found", state, [lanes.group])
      let initial = Expr.float(mode == .avg ? 0 : -.infinity, state)
      let body = try lanes.loop(builder) { lane throws(Diagnostic) in
        let channels = (0..<lanes.group).map { lanes.channel(position[1], $0, lane) }
        let loops = try Nest.axes(counts, .serial, builder) { step in
          let row = sample(builder, rows, step[0])
          let column = sample(builder, columns, step[1])
          let isInside = Expr.binary(.and, row.isInside, column.isInside)
          let corners = [(0, 0), (0, 1), (1, 0), (1, 1)].map { i, j in
            (i: i, j: j, share: builder.local("corner", state))
          }
          var statements = row.statements + column.statements
          statements += corners.map {
            .let($0.share, row.shares[$0.i].times(column.shares[$0.j]).converted(to: state))
          }
          for (number, channel) in channels.enumerated() {
            let parts = corners.map { corner in
              let place = [image, channel, row.indices[corner.i], column.indices[corner.j]]
              return builder.view(x).load(place, when: isInside, otherwise: .zero(x.element))
                .converted(to: state).times(.local(corner.share))
            }
            let past = Expr.register(found, [IndexExpr(number)])
            let next =
              mode == .avg
              ? past.plus(parts.dropFirst().reduce(parts[0]) { $0.plus($1) })
              : parts.reduce(past) { .binary(.max, $0, $1) }
            statements.append(.set(found, [IndexExpr(number)], next))
          }
          return statements
        }
        var stores: [Statement] = []
        for (number, channel) in channels.enumerated() {
          let value = Expr.register(found, [IndexExpr(number)])
          let isEmpty = Expr.compare(.equal, value, .float(-.infinity, state))
          let result =
            mode == .avg ? value.divided(by: samples) : .select(isEmpty, .zero(state), value)
          stores += try sink.store(
            result.converted(to: x.element), at: [position[0], channel] + position[2...], builder)
        }
        return [.registers(found, initial: initial)] + loops + stores
      }
      return binding + rowStatements + columnStatements + body
    }
  }

  private func side(
    _ builder: KernelBuilder, _ regions: Placed, _ region: IndexExpr, _ first: Int,
    _ cell: IndexExpr, _ cells: Int, _ limit: IndexExpr
  ) -> (statements: [Statement], side: Side) {
    let shift = coordinates == .halfPixel ? 0.5 : 0
    func corner(_ index: Int) -> Expr {
      builder.view(regions).load([region, IndexExpr(index)]).converted(to: .f64)
        .times(spatialScale).minus(shift)
    }
    let (start, size) = (builder.local("start", .f64), builder.local("size", .f64))
    let length = corner(first + 2).minus(.local(start))
    let kept = coordinates == .halfPixel ? length : length.atLeast(1)
    let count = builder.computedIndex("samples", minimum: 0, maximum: 1 << 20)
    let wanted: Expr =
      samplingRatio > 0
      ? .integer(Int64(samplingRatio), .i64)
      : Expr.convert(Expr.local(size).apply(.ceil), .i64, .saturating).atLeast(0)
        .atMost(Double(1 << 20))
    return (
      [
        .let(start, corner(first)), .let(size, kept.times(1 / Double(cells))),
        .bind(count, wanted),
      ],
      Side(start: .local(start), size: .local(size), count: count, cell: cell, limit: limit)
    )
  }

  private func sample(
    _ builder: KernelBuilder, _ side: Side, _ number: IndexExpr
  ) -> (statements: [Statement], indices: [IndexExpr], shares: [Expr], isInside: Expr) {
    let (position, inside) = (builder.local("position", .f64), builder.local("inside", .f64))
    let (isInside, share) = (builder.local("isInside", .bool), builder.local("share", .f64))
    let count = Expr.index(IndexExpr(side.count)).converted(to: .f64)
    let cell = Expr.index(side.cell).converted(to: .f64).times(side.size)
    let step = Expr.index(number).converted(to: .f64).plus(0.5).times(side.size)
      .divided(by: count)
    let limit = Expr.index(side.limit).converted(to: .f64)
    let bounds = Expr.binary(
      .and, .compare(.greaterOrEqual, .local(position), .float(-1, .f64)),
      .compare(.lessOrEqual, .local(position), limit))
    let exists = Expr.compare(.greater, .index(side.limit), .zero(.i64))
    let maximum = side.limit.upperBound.map { Swift.max(0, $0 - 1) }
    let low = builder.computedIndex("low", minimum: 0, maximum: maximum)
    let high = builder.computedIndex("high", minimum: 0, maximum: maximum)
    let last = Expr.index(side.limit).minus(1)
    let whole = Expr.binary(.min, Expr.local(inside).converted(to: .i64), last).atLeast(0)
    let next = Expr.binary(.min, Expr.index(IndexExpr(low)).plus(1), last).atLeast(0)
    let isLast = Expr.compare(.greaterOrEqual, .index(IndexExpr(low)), last)
    let rest = Expr.local(inside).minus(Expr.index(IndexExpr(low)).converted(to: .f64))
    return (
      [
        .let(position, side.start.plus(cell).plus(step)),
        .let(isInside, .binary(.and, exists, bounds)),
        .let(inside, .select(.local(isInside), Expr.local(position).atLeast(0), .zero(.f64))),
        .bind(low, whole), .bind(high, next), .let(share, .select(isLast, .zero(.f64), rest)),
      ],
      [IndexExpr(low), IndexExpr(high)],
      [Expr.float(1, .f64).minus(.local(share)), .local(share)], .local(isInside)
    )
  }
}

/// Channels in blocks, one in each lane, several blocks at a time: they share where the samples lie.
private struct ChannelLanes {
  private static let mostBlocks = 4

  /// Channels of a block; nil where channels go one by one.
  let block: Int?
  /// How many blocks, or channels, are computed together.
  let group: Int
  let groupCount: IndexExpr

  init(_ context: NodeLowering) throws(Diagnostic) {
    let channels = try context.shape(0)[1]
    let lanes = context.target.lanes(.f32)
    guard try context.element(0) == .f32, let count = channels.value, count % lanes == 0, count > 0
    else {
      (block, group, groupCount) = (nil, 1, channels)
      return
    }
    let blocks = count / lanes
    block = lanes
    group = (1...Self.mostBlocks).last { blocks % $0 == 0 } ?? 1
    groupCount = IndexExpr(blocks / group)
  }

  func channel(_ group: IndexExpr, _ number: Int, _ lane: IndexExpr) -> IndexExpr {
    guard let block else { return group }
    return (group * IndexExpr(self.group) + IndexExpr(number)) * IndexExpr(block) + lane
  }

  func loop(
    _ builder: KernelBuilder, _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    guard let block else { return try body(0) }
    return try builder.loop("i", IndexExpr(block), .vector(lanes: block), body)
  }
}
