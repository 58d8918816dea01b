import Diagnostics
import Loops
import Tensors

/// A convolution of few filters as register tiles over rows of its input: lanes hold neighbouring columns, a tile holds
/// some filters of some vectors of columns.
///
/// Blocks of channels would be mostly empty; here every lane holds an output, however few filters there are.
struct PlanarConvolution {
  let axes: [ConvolutionAxis]
  let groups: ChannelGroups
  /// Rows, with zeros beside the last axis where windows reach over it; in steps of more than one the columns of each
  /// remainder on an axis of their own.
  let input: PlanarInput
  let sink: Sink
  let weights: ConvolutionWeights
  let bias: [Float]?
  /// Filters are the pixels of its tiles, vectors of columns the blocks.
  let cut: RegisterTile.Cut
  var reason = ""

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let lanes = context.target.lanes(.f32)
    let builder = context.builder()
    let x = builder.view(input.placed)
    let w = builder.view(packedWeights(context))
    let b = bias.map { builder.view(context.packed(Tensor($0, shape: [$0.count]))) }

    let room =
      try sink.usesFunctions(context.target)
      ? RegisterTile(pixels: cut.pixels, blocks: cut.blocks, lanes: lanes).room(builder) : nil

    let body = try overRows(builder) { n, group, row throws(Diagnostic) in
      try overColumns(builder, lanes) { vectors, active, column throws(Diagnostic) in
        try overFilters(builder) { filters, first throws(Diagnostic) in
          let tile = RegisterTile(pixels: filters, blocks: vectors, lanes: lanes)
          let filter = { (pixel: IndexExpr) in
            IndexExpr(groups.firstOutput) + group * IndexExpr(groups.outputs) + first + pixel
          }
          let at = { (block: IndexExpr, lane: IndexExpr) in
            column + block * IndexExpr(lanes) + lane
          }
          let operands = RegisterTile.Operands(
            initial: { pixel, _, _ in b?.load([filter(pixel)]) ?? .float(0, .f32) },
            input: { pixel, step in w.load([group, step.row, first + pixel]) },
            weight: { block, lane, step in
              let channel =
                IndexExpr(groups.firstInput) + group * IndexExpr(groups.inputs) + step.channel
              let rows = zip(axes, zip(row, step.taps)).map { $0.input($1.0, tap: $1.1) }
              return x.load(
                [n, channel] + rows + input.column(at(block, lane), tap: step.taps[row.count]))
            },
            finish: { pixel, block, lane, sum throws(Diagnostic) in
              try sink.store(sum, at: [n, filter(pixel)] + row + [at(block, lane)], builder)
            })
          return try tile.emit(builder, activeLanes: active, room: room, operands) {
            step throws(Diagnostic) in try overTaps(builder, row, step)
          }
        }
      }
    }
    let products = groups.count * groups.inputs * groups.outputs * axes.map(\.tapCount).elementCount
    let outputs = axes.map(\.count).reduce(input.placed.shape[0], *)
    let tile = "register tile of \(cut.pixels) filters by \(cut.blocks) vectors of columns"
    context.launch(
      "planar_conv", builder, body, work: (outputs * IndexExpr(products)).floorDiv(8),
      note: [reason, tile].filter { !$0.isEmpty }.joined(separator: "; "))
  }

  /// The rows of all outputs, shared by threads.
  ///
  /// Along axes whose taps are some steps apart rows follow each other in that distance: they share all but one of the
  /// input's rows, which are still in the cache then.
  private func overRows(
    _ builder: KernelBuilder,
    _ body: (_ n: IndexExpr, _ group: IndexExpr, _ row: [IndexExpr]) throws(Diagnostic) ->
      [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let outer = axes.dropLast()
    let steps = outer.map { $0.inputStride == 1 ? $0.tapStep : 1 }
    let counts = zip(outer, steps).map { $0.count.ceilDiv(IndexExpr($1)) }
    let extents =
      [input.placed.shape[0], IndexExpr(groups.count)] + steps.map { IndexExpr($0) } + counts
    return try Nest.axes(extents, .parallel, builder) { place throws(Diagnostic) in
      let phases = place[2..<2 + steps.count]
      let row = zip(phases, zip(place.suffix(steps.count), steps)).map {
        $0 + $1.0 * IndexExpr($1.1)
      }
      var statements = try body(place[0], place[1], row)
      for (axis, (index, step)) in zip(outer, zip(row, steps)) {
        if axis.count.value.map({ $0 % step == 0 }) ?? (step == 1) { continue }
        let isInside = Expr.compare(.less, .index(index), .index(axis.count))
        statements = [.if(isInside, then: statements, else: [])]
      }
      return statements
    }
  }

  /// The tiles along a row: whole ones, a narrower one, and one for the lanes that are left.
  private func overColumns(
    _ builder: KernelBuilder, _ lanes: Int,
    _ body: (_ vectors: Int, _ active: Int?, IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    guard let width = axes.last?.count.value else { return [] }
    let vectors = width / lanes
    let whole = vectors / cut.blocks
    var statements: [Statement] = []
    if whole > 0 {
      statements += try builder.loop("t", IndexExpr(whole)) { number throws(Diagnostic) in
        try body(cut.blocks, nil, number * IndexExpr(cut.blocks * lanes))
      }
    }
    if vectors > whole * cut.blocks {
      statements += try body(
        vectors - whole * cut.blocks, nil, IndexExpr(whole * cut.blocks * lanes))
    }
    if width > vectors * lanes {
      statements += try body(1, width - vectors * lanes, IndexExpr(vectors * lanes))
    }
    return statements
  }

  private func overFilters(
    _ builder: KernelBuilder,
    _ body: (_ filters: Int, IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let whole = groups.outputs / cut.pixels
    let rest = groups.outputs - whole * cut.pixels
    var statements = try builder.loop("f", IndexExpr(whole)) { number throws(Diagnostic) in
      try body(cut.pixels, number * IndexExpr(cut.pixels))
    }
    if rest > 0 { statements += try body(rest, IndexExpr(whole * cut.pixels)) }
    return statements
  }

  /// The taps that meet the input on all axes but the last, those of the last axis, and channels inside.
  private func overTaps(
    _ builder: KernelBuilder, _ row: [IndexExpr],
    _ step: (RegisterTile.Step) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let meeting = zip(axes, zip(row, input.extents)).map { $0.meetingTaps($1.0, extent: $1.1) }
    let columns = axes[row.count].tapCount
    return try Nest.axes(meeting.map(\.count), .serial, builder) { place throws(Diagnostic) in
      let taps = zip(meeting, place).map { $0.first + $1 }
      let number = zip(taps, axes).reduce(IndexExpr(0)) { $0 * IndexExpr($1.1.tapCount) + $1.0 }
      func at(_ column: IndexExpr, _ channel: IndexExpr) -> RegisterTile.Step {
        let tap = number * IndexExpr(columns) + column
        return .init(
          channel: channel, row: tap * IndexExpr(groups.inputs) + channel, taps: taps + [column])
      }
      // The rolled loop runs over what there is more of.
      if groups.inputs < RegisterTile.unroll {
        return try RegisterTile.run(builder, IndexExpr(columns)) { column throws(Diagnostic) in
          var body: [Statement] = []
          for channel in 0..<groups.inputs { body += try step(at(column, IndexExpr(channel))) }
          return body
        }
      }
      return try builder.loop("x", IndexExpr(columns)) { column throws(Diagnostic) in
        try RegisterTile.run(builder, IndexExpr(groups.inputs)) { channel throws(Diagnostic) in
          try step(at(column, channel))
        }
      }
    }
  }

  /// `[group, tap * channels + channel, filter]`.
  private func packedWeights(_ context: NodeLowering) -> Placed {
    let packing = PackedWeights(
      outputChannels: 0..<groups.count * groups.outputs, inputChannels: groups.inputs,
      chunk: groups.inputs, blocks: groups.outputs, lanes: 1)
    return context.packed(
      packing.pack(weights.tensor, taps: weights.tapOffsets(axes)) {
        [groups, weights] column, input in
        groups.place(
          group: column / groups.outputs, output: column % groups.outputs, input: input
        ).map { weights.place($0.output, $0.input) }
      })
  }
}

extension ConvolutionAxis {
  /// The taps of output `q` that meet an input of `extent` elements; all of them where windows stay inside.
  fileprivate func meetingTaps(
    _ q: IndexExpr, extent: IndexExpr
  ) -> (first: IndexExpr, count: IndexExpr) {
    if halo(extent: extent).isEmpty { return (0, IndexExpr(tapCount)) }
    let start = input(q, tap: 0)
    let first = IndexExpr.max(0, (-start).ceilDiv(IndexExpr(tapStep)))
    let end = IndexExpr.min(
      IndexExpr(tapCount), (extent - 1 - start).floorDiv(IndexExpr(tapStep)) + 1)
    return (first, .max(0, end - first))
  }
}
