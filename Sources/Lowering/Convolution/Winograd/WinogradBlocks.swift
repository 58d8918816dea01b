import Diagnostics
import Loops
import Tensors

/// Minimal filtering block by block of tiles, for large images of few channels.
///
/// All weights are transformed first. A block's transformed input, and the products of a panel of output channels,
/// stay in the second-level cache from the first stage to the last.
struct WinogradBlocks {
  let convolution: WinogradConvolution
  /// `[output block, step * 9 + tap, lane]`
  let weights: Placed

  /// Output blocks that are computed with one width of register tile.
  private struct Panels {
    let firstBlock: Int
    let count: Int
    /// Output blocks of a panel.
    let width: Int
    /// Transformed weights: `[panel, point, step * width + block, lane]`.
    let transformed: Placed
  }

  private var plan: WinogradPlan { convolution.plan }
  private var lanes: Int { convolution.lanes }
  private var steps: Int { convolution.steps }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let whole = convolution.filterBlocks / plan.cut.blocks
    let rest = convolution.filterBlocks % plan.cut.blocks
    var parts: [Panels] = []
    if whole > 0 { parts.append(panels(context, first: 0, count: whole, width: plan.cut.blocks)) }
    if rest > 0 {
      parts.append(panels(context, first: whole * plan.cut.blocks, count: 1, width: rest))
    }
    for part in parts { try launchWeights(context, part) }
    try launchBlocks(context, parts)
  }

  private func panels(
    _ context: NodeLowering, first: Int, count: Int, width: Int
  ) -> Panels {
    let shape = [count] + convolution.pointwise(steps * width, lanes: convolution.weightLanes)
    return Panels(
      firstBlock: first, count: count, width: width,
      transformed: context.temporary(
        convolution.transform.operand, shape.map { IndexExpr($0) }))
  }

  private func launchWeights(_ context: NodeLowering, _ part: Panels) throws(Diagnostic) {
    let builder = context.builder()
    let w = builder.view(weights)
    let u = builder.view(part.transformed, isWritten: true)
    let (transform, taps) = (convolution.transform, convolution.taps)
    let (size, lanes) = (WinogradTransform.taps, convolution.weightLanes)
    let extents = [part.count, part.width, steps].map { IndexExpr($0) }
    let body = try Nest.axes(extents, .parallel, builder) { outer throws(Diagnostic) in
      let (panel, block, step) = (outer[0], outer[1], outer[2])
      return try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
        var code = StraightLine(builder)
        let output = IndexExpr(part.firstBlock) + panel * IndexExpr(part.width) + block
        let filter = (0..<size).map { y in
          (0..<size).map { x in
            code.named(
              w.load([output, step * IndexExpr(taps) + IndexExpr(y * size + x), lane])
                .converted(to: transform.operand))
          }
        }
        let results = code.square(filter) { transform.weights($0, &$1) }
        for (number, value) in results.joined().enumerated() {
          let vector = step * IndexExpr(part.width) + block
          code.append(u.store(value, at: [panel, IndexExpr(number), vector, lane]))
        }
        return code.statements
      }
    }
    let work = part.count * part.width * steps * convolution.points * lanes
    context.launch("winograd_weights", builder, body, work: IndexExpr(work))
  }

  private func launchBlocks(_ context: NodeLowering, _ parts: [Panels]) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(convolution.input)
    let transform = convolution.transform
    let inputs = builder.scratch(
      transform.operand,
      convolution.pointwise(convolution.channelBlocks * convolution.inputTiles))
    let operands = convolution.stepwise(inputs, builder)
    let width = parts.map(\.width).max() ?? 1
    let products = builder.scratch(
      transform.arithmetic.sum, convolution.pointwise(width * plan.tiles))
    let results = WinogradResults(convolution, builder, context)
    let body = try Nest.axes([convolution.blockCount], .parallel, builder) {
      outer throws(Diagnostic) in
      let block = outer[0]
      var body = try builder.loop("c", IndexExpr(convolution.channelBlocks)) {
        channelBlock throws(Diagnostic) in
        try convolution.transformInput(builder, x, block: block, channelBlock: channelBlock) {
          point, vector, lane, value in
          .store(inputs, [point, vector, lane], value)
        }
      }
      for part in parts {
        body += try builder.loop("g", IndexExpr(part.count)) { panel throws(Diagnostic) in
          try multiply(builder, part, panel: panel, inputs: operands, products: products)
            + builder.loop("b", IndexExpr(part.width)) { b throws(Diagnostic) in
              try results.store(
                block: block,
                outputBlock: IndexExpr(part.firstBlock) + panel * IndexExpr(part.width) + b
              ) { point, tile, lane in
                .load(products, [point, convolution.vector(b, tile), lane])
              }
            }
        }
      }
      return body
    }
    let tiles = convolution.tileCount * convolution.planeCount
    let sums = tiles * IndexExpr(convolution.points * steps)
    // A register tile makes about this many products in the time of one simple operation.
    let work = (sums * IndexExpr(convolution.filterBlocks * lanes)).floorDiv(8)
    context.launch("winograd_blocks", builder, body, work: work)
  }

  /// The products of one panel, summed over all steps, point by point.
  private func multiply(
    _ builder: KernelBuilder, _ part: Panels, panel: IndexExpr, inputs: Buffer, products: Buffer
  ) throws(Diagnostic) -> [Statement] {
    let u = builder.view(convolution.stepwise(part.transformed))
    return try builder.loop("point", IndexExpr(convolution.points)) { point throws(Diagnostic) in
      func tile(_ size: Int, _ start: IndexExpr) throws(Diagnostic) -> [Statement] {
        let operands = RegisterTile.Operands(
          initial: { _, _, _ in .zero(products.element) },
          input: { pixel, step in
            let place = convolution.place(
              step.channel, start + pixel, depthTap: step.taps.first ?? 0)
            return .load(inputs, [point, place.vector, place.lane])
          },
          weight: { block, lane, step in
            u.load([panel, point, step.row * IndexExpr(part.width) + block, lane])
          },
          finish: { pixel, block, lane, sum in
            [.store(products, [point, convolution.vector(block, start + pixel), lane], sum)]
          }, arithmetic: convolution.transform.arithmetic)
        return try RegisterTile(pixels: size, blocks: part.width, lanes: lanes).emit(
          builder, operands
        ) { step throws(Diagnostic) in
          try RegisterTile.reduction(
            builder, channels: convolution.channels / convolution.stepTerms,
            chunk: convolution.blockSteps,
            window: convolution.depthAxis == nil ? [] : [convolution.depthTaps], step)
        }
      }
      return try plan.overTiles(builder, tile)
    }
  }
}
