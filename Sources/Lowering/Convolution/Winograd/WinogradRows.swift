import Diagnostics
import Loops
import Tensors

/// Minimal filtering with weights that are transformed where they are used, for many channels and few tiles.
///
/// For a chunk of terms and a panel of output channels, the transformed weights of two rows of points are
/// made in the first-level cache and meet the tiles at once. What comes from memory is a fourth of transformed
/// weights.
struct WinogradRows {
  let convolution: WinogradConvolution
  /// `[output block, step * 9 + tap, lane]`
  let weights: Placed

  private var plan: WinogradPlan { convolution.plan }
  private var lanes: Int { convolution.lanes }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let vectors = convolution.groups.count * convolution.channelBlocks * convolution.inputTiles
    let transformed = context.temporary(
      convolution.transform.operand,
      [convolution.blockCount] + convolution.pointwise(vectors).map { IndexExpr($0) })
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
      work: work * IndexExpr(convolution.inputTiles * convolution.points))
  }

  /// Products and results of `panels` panels of `width` output blocks each, in every group.
  private func launchProducts(
    _ context: NodeLowering, _ transformed: Placed, first: Int, panels: Int, width: Int
  ) throws(Diagnostic) {
    if panels == 0 { return }
    let builder = context.builder()
    let rows = WinogradRowPair(
      convolution: convolution, builder: builder, width: width,
      inputs: builder.view(convolution.stepwise(transformed)), weights: builder.view(weights),
      factors: builder.view(context.packed(convolution.transform.pairFactors)),
      transformed: builder.scratch(
        convolution.transform.operand,
        [
          2 * convolution.transform.points,
          plan.chunkBlocks * convolution.blockSteps * width + 1, convolution.weightLanes,
        ]),
      products: builder.scratch(
        convolution.transform.arithmetic.sum, convolution.pointwise(width * plan.tiles)))
    let results = WinogradResults(convolution, builder, context)
    let groups = convolution.groups.count
    let extents = [convolution.blockCount, IndexExpr(groups), IndexExpr(panels)]
    let body = try Nest.axes(extents, .parallel, builder) { outer throws(Diagnostic) in
      let place = WinogradRowPair.Place(
        block: outer[0],
        firstStep: outer[1] * IndexExpr(convolution.channels / convolution.stepTerms),
        outputBlock: outer[1] * IndexExpr(convolution.filterBlocks) + IndexExpr(first)
          + outer[2] * IndexExpr(width))
      func overChunk(_ chunk: WinogradRowPair.Chunk) throws(Diagnostic) -> [Statement] {
        try builder.loop("pair", IndexExpr(convolution.transform.points / 2)) {
          pair throws(Diagnostic) in
          try rows.transform(pair, place, chunk) + rows.multiply(pair, place, chunk)
        }
      }
      var body = try rows.clear()
      for run in chunkRuns {
        body += try builder.loop("chunk", IndexExpr(run.count)) { number throws(Diagnostic) in
          try overChunk(
            WinogradRowPair.Chunk(
              firstStep: IndexExpr(run.firstStep) + number * IndexExpr(run.blocks * run.size),
              firstBlock: IndexExpr(run.firstBlock) + number * IndexExpr(run.blocks),
              blocks: run.blocks, size: run.size))
        }
      }
      return body
        + (try builder.loop("b", IndexExpr(width)) { b throws(Diagnostic) in
          try results.store(block: place.block, outputBlock: place.outputBlock + b) {
            point, tile, lane in
            .load(rows.products, [point, convolution.vector(b, tile), lane])
          }
        })
    }
    let tiles = convolution.tileCount * convolution.planeCount
    let sums = tiles * IndexExpr(convolution.points * convolution.steps)
    context.launch(
      "winograd_rows", builder, body,
      work: (sums * IndexExpr(groups * panels * width * lanes)).floorDiv(8))
  }
}

extension WinogradRows {
  /// Chunks of one size.
  private struct ChunkRun {
    let firstStep: Int
    let firstBlock: Int
    /// How many chunks.
    let count: Int
    /// Term blocks of a chunk.
    let blocks: Int
    /// Steps of a term block.
    let size: Int
  }

  /// All terms: whole chunks of whole blocks, the blocks that remain, and the blocks of the channels that fill none.
  private var chunkRuns: [ChunkRun] {
    var runs: [ChunkRun] = []
    func add(blocks: Int, size: Int) {
      if blocks < 1 { return }
      let last = runs.last
      let chunk = min(plan.chunkBlocks, blocks)
      let count = blocks / chunk
      runs.append(
        ChunkRun(
          firstStep: last.map { $0.firstStep + $0.count * $0.blocks * $0.size } ?? 0,
          firstBlock: last.map { $0.firstBlock + $0.count * $0.blocks } ?? 0,
          count: count, blocks: chunk, size: size))
      add(blocks: blocks - count * chunk, size: size)
    }
    let taps = convolution.depthTaps
    let (channels, terms) = (convolution.channels, convolution.stepTerms)
    add(blocks: channels / lanes * taps, size: convolution.blockSteps)
    if channels % lanes > 0 { add(blocks: taps, size: channels % lanes / terms) }
    return runs
  }
}
