import Diagnostics
import Loops
import Tensors

/// Minimal filtering with weights that are transformed where they are used, for many channels and few tiles.
///
/// For a chunk of input channels and a panel of output channels, the transformed weights of two rows of points are
/// made in the first-level cache and meet the tiles at once. What comes from memory is a fourth of transformed
/// weights.
struct WinogradRows {
  let convolution: WinogradConvolution
  /// `[output block, input channel * 9 + tap, lane]`
  let weights: Placed
  let bias: Placed?

  private var plan: WinogradPlan { convolution.plan }
  private var lanes: Int { convolution.lanes }
  private var channels: Int { convolution.channels }
  /// Input channels of a chunk.
  private var chunk: Int { min(plan.chunkBlocks * lanes, channels) }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let vectors = convolution.groups.count * convolution.channelBlocks * plan.tiles
    let transformed = context.temporary(
      .f32, [convolution.blockCount] + convolution.pointwise(vectors).map { IndexExpr($0) })
    try launchInput(context, transformed)
    let width = plan.cut.blocks
    let whole = convolution.filterBlocks / width
    let rest = convolution.filterBlocks % width
    try launchProducts(context, transformed, first: 0, panels: whole, width: width)
    try launchProducts(
      context, transformed, first: whole * width, panels: rest > 0 ? 1 : 0, width: rest)
  }

  private func launchInput(
    _ context: NodeLowering, _ transformed: Placed
  ) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(convolution.input)
    let v = builder.view(transformed, isWritten: true)
    let blocks = convolution.groups.count * convolution.channelBlocks
    let extents = [convolution.blockCount, IndexExpr(blocks)]
    let body = try Nest.axes(extents, .parallel, builder) { outer throws(Diagnostic) in
      try convolution.transformInput(builder, x, block: outer[0], channelBlock: outer[1]) {
        point, vector, lane, value in
        v.store(value, at: [outer[0], point, vector, lane])
      }
    }
    let work = convolution.blockCount * IndexExpr(blocks * lanes)
    context.launch(
      "winograd_input", builder, body,
      work: work * IndexExpr(plan.tiles * convolution.points))
  }

  /// Products and results of `panels` panels of `width` output blocks each, in every group.
  private func launchProducts(
    _ context: NodeLowering, _ transformed: Placed, first: Int, panels: Int, width: Int
  ) throws(Diagnostic) {
    if panels == 0 { return }
    let builder = context.builder()
    let rows = WinogradRowPair(
      convolution: convolution, builder: builder, width: width,
      inputs: builder.view(transformed), weights: builder.view(weights),
      factors: builder.view(context.packed(convolution.transform.pairFactors)),
      transformed: builder.scratch(
        .f32, [2 * convolution.transform.points, chunk * width + 1, lanes]),
      products: builder.scratch(.f32, convolution.pointwise(width * plan.tiles)))
    let results = WinogradResults(convolution: convolution, builder: builder, bias: bias)
    let groups = convolution.groups.count
    let extents = [convolution.blockCount, IndexExpr(groups), IndexExpr(panels)]
    let body = try Nest.axes(extents, .parallel, builder) { outer throws(Diagnostic) in
      let place = WinogradRowPair.Place(
        block: outer[0], firstChannel: outer[1] * IndexExpr(channels),
        outputBlock: outer[1] * IndexExpr(convolution.filterBlocks) + IndexExpr(first)
          + outer[2] * IndexExpr(width))
      func overChunk(_ first: IndexExpr, _ count: Int) throws(Diagnostic) -> [Statement] {
        try builder.loop("pair", IndexExpr(convolution.transform.points / 2)) {
          pair throws(Diagnostic) in
          try rows.transform(pair, place, first: first, count: count)
            + rows.multiply(pair, place, first: first, count: count)
        }
      }
      let whole = channels / chunk
      var body = try rows.clear()
      body += try builder.loop("chunk", IndexExpr(whole)) { number throws(Diagnostic) in
        try overChunk(number * IndexExpr(chunk), chunk)
      }
      let rest = channels - whole * chunk
      if rest > 0 { body += try overChunk(IndexExpr(whole * chunk), rest) }
      return body
        + (try builder.loop("b", IndexExpr(width)) { b throws(Diagnostic) in
          try results.store(block: place.block, outputBlock: place.outputBlock + b) {
            point, tile, lane in
            .load(rows.products, [point, convolution.vector(b, tile), lane])
          }
        })
    }
    let sums = convolution.tileCount * IndexExpr(convolution.points * channels)
    context.launch(
      "winograd_rows", builder, body,
      work: (sums * IndexExpr(groups * panels * width * lanes)).floorDiv(8))
  }
}

/// The stages of two rows of points: weights of a chunk of input channels, and their products.
private struct WinogradRowPair {
  let convolution: WinogradConvolution
  let builder: KernelBuilder
  /// Output blocks of a panel.
  let width: Int
  /// `[block of tiles, point, channel block * tiles + tile, lane]`
  let inputs: View
  let weights: View
  /// `[pair, power]`
  let factors: View
  /// `[row of the pair * points + column, channel of the chunk * width + block, lane]`
  let transformed: Buffer
  /// `[point, block * tiles + tile, lane]`
  let products: Buffer

  /// What a panel computes: a block of tiles for the output blocks from one on, from a group's input channels.
  struct Place {
    let block: IndexExpr
    let firstChannel: IndexExpr
    let outputBlock: IndexExpr
  }

  private var plan: WinogradPlan { convolution.plan }
  private var transform: WinogradTransform { convolution.transform }
  private var lanes: Int { convolution.lanes }
  /// Points of a row.
  private var points: Int { transform.points }
  /// Lines of weights that are asked for with each channel: over all pairs no fewer than its taps.
  private var requests: Int { (convolution.taps + points / 2 - 1) / (points / 2) }

  func clear() throws(Diagnostic) -> [Statement] {
    let extents = [convolution.points, width * plan.tiles].map { IndexExpr($0) }
    return try Nest.axes(extents, .serial, builder) { at throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
        [.store(products, at + [lane], .float(0, .f32))]
      }
    }
  }

  /// Makes the transformed weights of two rows of points for `count` input channels.
  func transform(
    _ pair: IndexExpr, _ place: Place, first: IndexExpr, count: Int
  ) throws(Diagnostic) -> [Statement] {
    let isOuter = Expr.compare(.equal, .index(pair), .index(0))
    return [
      .if(
        isOuter,
        then: try overWeights(pair, place, first: first, count: count) { filter, _ in
          // The rows of 0 and of infinity take a row of taps as it is.
          [filter(0), filter(WinogradTransform.taps - 1)]
        },
        else: try overWeights(pair, place, first: first, count: count) { filter, code in
          let own = (0..<WinogradTransform.taps).map { power in
            code.named(factors.load([pair, IndexExpr(power)]))
          }
          let taps = (0..<WinogradTransform.taps).map(filter)
          let columns = taps.indices.map { x in
            transform.opposite(taps.map { $0[x] }, own, &code)
          }
          return [0, 1].map { row in columns.map { $0[row] } }
        })
    ]
  }

  /// Stores two rows of transformed weights for every channel of a chunk and every block.
  ///
  /// - Parameter rows: the rows after the transform of columns, from the rows of taps.
  private func overWeights(
    _ pair: IndexExpr, _ place: Place, first: IndexExpr, count: Int,
    rows: (_ filter: (Int) -> [Expr], inout StraightLine) -> [[Expr]]
  ) throws(Diagnostic) -> [Statement] {
    let size = WinogradTransform.taps
    return try builder.loop("b", IndexExpr(width)) { b throws(Diagnostic) in
      try builder.loop("c", IndexExpr(count)) { channel throws(Diagnostic) in
        try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
          var code = StraightLine(builder)
          // Each pair asks for its share of the channels that follow.
          let next = (first + IndexExpr(count)) * IndexExpr(convolution.taps)
          let share = (pair * IndexExpr(count) + channel) * IndexExpr(requests)
          for request in 0..<requests {
            let line = next + share + IndexExpr(request)
            code.append(.prefetch(weights.buffer, [place.outputBlock + b, line, 0]))
          }
          let tap = (first + channel) * IndexExpr(convolution.taps)
          let lines = rows(
            { y in
              (0..<size).map { x in
                weights.load([place.outputBlock + b, tap + IndexExpr(y * size + x), lane])
              }
            }, &code)
          for (row, line) in lines.enumerated() {
            for (column, value) in transform.weights(line, &code).enumerated() {
              let at = [
                IndexExpr(row * points + column), channel * IndexExpr(width) + b, lane,
              ]
              code.append(.store(transformed, at, value))
            }
          }
          return code.statements
        }
      }
    }
  }

  /// Adds the products of two rows for `count` input channels to the sums.
  func multiply(
    _ pair: IndexExpr, _ place: Place, first: IndexExpr, count: Int
  ) throws(Diagnostic) -> [Statement] {
    try builder.loop("column", IndexExpr(2 * points)) { column throws(Diagnostic) in
      let point = pair * IndexExpr(2 * points) + column
      func tile(_ size: Int, _ start: IndexExpr) throws(Diagnostic) -> [Statement] {
        let operands = RegisterTile.Operands(
          initial: { _, _ in .float(0, .f32) },
          input: { pixel, step in
            let at = convolution.place(
              place.firstChannel + first + step.channel, start + pixel)
            return inputs.load([place.block, point, at.vector, at.lane])
          },
          weight: { b, lane, step in
            .load(transformed, [column, step.channel * IndexExpr(width) + b, lane])
          },
          finish: { pixel, b, lane, sum in
            let at = [point, convolution.vector(b, start + pixel), lane]
            return [.store(products, at, sum.plus(.load(products, at)))]
          })
        return try RegisterTile(pixels: size, blocks: width, lanes: lanes).emit(
          builder, operands
        ) { step throws(Diagnostic) in
          try RegisterTile.reduction(builder, channels: count, chunk: lanes, window: [], step)
        }
      }
      return try plan.overTiles(builder, tile)
    }
  }
}
