import Diagnostics
import Loops
import Tensors

/// A convolution with constant weights as register tiles over a blocked output: all outputs of one phase.
///
/// Ordinary convolutions have one phase; a transposed one has a phase per remainder of its strides.
struct TiledConvolution {
  let axes: [ConvolutionAxis]
  let groups: ChannelGroups
  let input: Placed
  let sink: Sink
  let weights: ConvolutionWeights
  let constants: SumConstants
  /// How rows are cut into register tiles; nil for the cut with the least estimated time.
  var cut: RegisterTile.Cut?
  /// What is multiplied; groups have a whole number of steps' input channels, or the only one lacks some in its last.
  var arithmetic = TileArithmetic.floats
  /// Why the convolution runs so, for profiles.
  var reason = ""

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let lanes = context.target.lanes(.f32)
    let width = axes.last?.count.value ?? 8
    let blocksPerGroup = (groups.outputs + lanes - 1) / lanes
    let cut =
      cut ?? RegisterTile.cut(width: width, blocks: blocksPerGroup, for: context.target)
    let whole = blocksPerGroup / cut.blocks * cut.blocks
    let input = try operands(context)
    for sweep in sweeps(context, width: cut.blocks * lanes) {
      try launch(context, input, cut, sweep, blocks: 0..<whole, perTile: cut.blocks)
      if whole < blocksPerGroup {
        try launch(
          context, input, cut, sweep, blocks: whole..<blocksPerGroup,
          perTile: blocksPerGroup - whole)
      }
    }
  }

  /// One kernel for a range of every group's channel blocks, `perTile` of them in a tile.
  private func launch(
    _ context: NodeLowering, _ input: Placed, _ cut: RegisterTile.Cut, _ sweep: Sweep,
    blocks: Range<Int>, perTile: Int
  ) throws(Diagnostic) {
    if blocks.isEmpty { return }
    let lanes = context.target.lanes(.f32)
    let panels = blocks.count / perTile
    let weights = packedWeights(context, sweep.channels, blocks, perTile, lanes)
    // Channels that are multiplied at a time.
    let terms = arithmetic.terms
    let rows = PanelRows(groups: groups, blocks: blocks, perTile: perTile, lanes: lanes)
    let biases = sweep.sums.isFirst ? constants.bias.map { rows.pack($0, context) } : nil
    let multipliers = sweep.sums.isLast ? constants.multipliers.map { rows.pack($0, context) } : nil
    let builder = context.builder()
    let x = builder.view(input)
    let w = builder.view(weights)
    let b = biases.map { builder.view($0) }
    let factors = multipliers.map { builder.view($0) }
    let order = Order(
      self,
      weightByteCount: weights.element.byteCount(
        of: weights.shape.compactMap(\.value).elementCount),
      panels: panels, for: context.target)

    let usesFunctions = try sink.usesFunctions(context.target)
    let isApart = usesFunctions && sweep.sums.isLast
    let room =
      isApart
      ? RegisterTile(pixels: cut.pixels, blocks: perTile, lanes: lanes)
        .room(builder, arithmetic.sum) : nil

    let body = try nest(builder, panels: panels, order) { place throws(Diagnostic) in
      let (n, row, group, panel) = (place.image, place.row, place.group, place.panel)
      // Numbers of this panel among the packed ones, and of its first output channel.
      let packed = group * IndexExpr(panels) + panel
      let firstBlock =
        IndexExpr(groups.firstOutput / lanes)
        + group * IndexExpr((groups.outputs + lanes - 1) / lanes)
        + IndexExpr(blocks.lowerBound) + panel * IndexExpr(perTile)
      return try overColumns(builder, cut, perTile, lanes) {
        tile, start throws(Diagnostic) in
        let operands = RegisterTile.Operands(
          initial: { _, block, lane in
            b?.load([packed, block * IndexExpr(lanes) + lane]) ?? .zero(arithmetic.sum)
          },
          input: { pixel, step in
            let first =
              IndexExpr((groups.firstInput + sweep.channels.lowerBound) / terms)
              + group * IndexExpr(groups.inputs / terms)
            return x.load(
              [n, first + step.channel] + inputPosition(row, start + pixel, step.taps))
          },
          weight: { block, lane, step in
            w.load([packed, step.row, block * IndexExpr(lanes) + lane])
          },
          finish: { pixel, block, lane, sum throws(Diagnostic) in
            let channel = (firstBlock + block) * IndexExpr(lanes) + lane
            let place = [n, channel] + outputPosition(row, start + pixel)
            return try sweep.sums.add(sum, at: place, builder) { total throws(Diagnostic) in
              let factor = factors?.load([packed, block * IndexExpr(lanes) + lane])
              let value = factor.map { total.converted(to: .f32).times($0) } ?? total
              return try sink.store(value, at: place, builder)
            }
          }, arithmetic: arithmetic)
        return try tile.emit(builder, room: room, operands) { step throws(Diagnostic) in
          try RegisterTile.reduction(
            builder, channels: (sweep.channels.count + terms - 1) / terms,
            chunk: chunk(lanes) / terms,
            window: axes.map(\.tapCount),
            where: { reaches(row, start, tile.pixels, $0) }
          ) { at throws(Diagnostic) in
            ahead(w, packed, place, cut, perTile, at, start) + (try step(at))
          }
        }
      }
    }
    let note = [reason, "register tile \(cut.pixels)x\(perTile)"].filter { !$0.isEmpty }
    context.launch(
      "conv", builder, body, work: work(sweep.channels.count, blocks.count * lanes),
      note: note.joined(separator: "; "))
  }

  /// Asks for a line of the next panel with each step of the first tiles that meet this one: enough for all of it.
  private func ahead(
    _ weights: View, _ panel: IndexExpr, _ place: Place, _ cut: RegisterTile.Cut, _ perTile: Int,
    _ step: RegisterTile.Step, _ start: IndexExpr
  ) -> [Statement] {
    guard let visit = place.visit else { return [] }
    let rows = weights.shape[1]
    let tile = visit * IndexExpr(cut.count) + start.floorDiv(IndexExpr(cut.pixels))
    // Later tiles ask once more for what is there.
    let line = IndexExpr.min(tile, IndexExpr(perTile - 1)) * rows + step.row
    let width = weights.shape[2].floorDiv(IndexExpr(perTile))
    return [.prefetch(weights.buffer, [panel + 1, 0, line * width])]
  }

  private func work(_ inputChannels: Int, _ outputChannels: Int) -> IndexExpr {
    let products = inputChannels * axes.map(\.tapCount).elementCount * outputChannels * groups.count
    // A tile makes about this many products in the time of one simple operation.
    return (axes.map(\.count).reduce(input.shape[0], *) * IndexExpr(products)).floorDiv(8)
  }

  /// The tiles of one output row: equal ones in a loop, then the narrower last one.
  private func overColumns(
    _ builder: KernelBuilder, _ cut: RegisterTile.Cut, _ blocks: Int, _ lanes: Int,
    _ body: (RegisterTile, IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let tile = RegisterTile(pixels: cut.pixels, blocks: blocks, lanes: lanes)
    let count = axes.last?.count ?? 1
    guard let width = count.value else {
      // A row of unknown length: whole tiles, then single pixels.
      let whole = count.floorDiv(IndexExpr(cut.pixels))
      let single = RegisterTile(pixels: 1, blocks: blocks, lanes: lanes)
      let done = whole * IndexExpr(cut.pixels)
      return try builder.loop("t", whole) { number throws(Diagnostic) in
        try body(tile, number * IndexExpr(cut.pixels))
      }
        + builder.loop("t", count - done) { rest throws(Diagnostic) in
          try body(single, done + rest)
        }
    }
    let whole = width / cut.pixels
    var statements: [Statement] = []
    if whole > 0 {
      statements += try builder.loop("t", IndexExpr(whole)) { number throws(Diagnostic) in
        try body(tile, number * IndexExpr(cut.pixels))
      }
    }
    let rest = width % cut.pixels
    if rest > 0 {
      let last = RegisterTile(pixels: rest, blocks: blocks, lanes: lanes)
      statements += try body(last, IndexExpr(whole * cut.pixels))
    }
    return statements
  }

  private func inputPosition(
    _ row: [IndexExpr], _ column: IndexExpr, _ taps: [IndexExpr]
  ) -> [IndexExpr] {
    zip(axes, zip(row + [column], taps)).map { axis, place in
      axis.input(place.0, tap: place.1)
    }
  }

  /// Whether a tap meets the input for any pixel of a tile; nil where asking costs more than it saves.
  ///
  /// Widely dilated windows on small images mostly meet their own padding.
  private func reaches(
    _ row: [IndexExpr], _ start: IndexExpr, _ pixels: Int, _ taps: [IndexExpr]
  ) -> Expr? {
    // Padding of another number than zero counts.
    if input.layout.fill != 0 { return nil }
    var condition: Expr?
    for (number, axis) in axes.enumerated() {
      let extent = input.shape[number + 2]
      guard axis.isWide(extent: extent) else { continue }
      let isLast = number == axes.count - 1
      let first = axis.input(isLast ? start : row[number], tap: taps[number])
      let last = isLast ? first + IndexExpr((pixels - 1) * axis.inputStride) : first
      let meets = Expr.binary(
        .and, .compare(.less, .index(first), .index(extent)),
        .compare(.greaterOrEqual, .index(last), .index(0)))
      condition = condition.map { .binary(.and, $0, meets) } ?? meets
    }
    return condition
  }

  private func outputPosition(_ row: [IndexExpr], _ column: IndexExpr) -> [IndexExpr] {
    zip(axes, row + [column]).map { $0.output($1) }
  }

  /// Input channels of all taps that weights have together: no more than a block of the input has.
  private func chunk(_ lanes: Int) -> Int {
    min(lanes, arithmetic == .byteQuads ? input.layout.block ?? lanes : lanes)
  }

  /// `[group * panels + panel, row, block * lanes + lane]`, for the channel blocks `blocks` of every group.
  private func packedWeights(
    _ context: NodeLowering, _ channels: Range<Int>, _ blocks: Range<Int>, _ perTile: Int,
    _ lanes: Int
  ) -> Placed {
    let perGroup = blocks.count * lanes
    let terms = arithmetic.terms
    let packing = PackedWeights(
      outputChannels: 0..<groups.count * perGroup,
      inputChannels: (channels.count + terms - 1) / terms * terms, chunk: chunk(lanes),
      blocks: perTile, lanes: lanes)
    let first = blocks.lowerBound * lanes
    let packed = packing.pack(weights.tensor, taps: weights.tapOffsets(axes)) {
      [groups, weights] column, input in
      if input >= channels.count { return nil }
      return groups.place(
        group: column / perGroup, output: first + column % perGroup,
        input: channels.lowerBound + input
      ).map { weights.place($0.output, $0.input) }
    }
    return context.packed(arithmetic.joined(packed))
  }

  /// The input as register tiles read it.
  private func operands(_ context: NodeLowering) throws(Diagnostic) -> Placed {
    switch arithmetic {
    case .floats: input
    case .bfloatPairs: try pairs(context)
    case .byteQuads, .shortPairs: input.words
    }
  }
}
