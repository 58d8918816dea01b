import Diagnostics
import Loops
import Tensors

/// The stages of two rows of points: weights of a chunk of terms, and their products.
struct WinogradRowPair {
  let convolution: WinogradConvolution
  let builder: KernelBuilder
  /// Output blocks of a panel.
  let width: Int
  /// `[block of tiles, point, channel block * input tiles + tile, lane]`
  let inputs: View
  let weights: View
  /// `[pair, power]`
  let factors: View
  /// `[row of the pair * points + column, step of the chunk * width + block, lane]`
  let transformed: Buffer
  /// `[point, block * tiles + tile, lane]`
  let products: Buffer

  /// What a panel computes: a block of tiles for the output blocks from one on, from a group's input channels.
  struct Place {
    let block: IndexExpr
    let firstStep: IndexExpr
    let outputBlock: IndexExpr
  }

  /// `blocks` blocks of `size` steps.
  struct Chunk {
    let firstStep: IndexExpr
    /// The number of the first block among the blocks of all terms.
    let firstBlock: IndexExpr
    let blocks: Int
    let size: Int

    var count: Int { blocks * size }
  }

  private var plan: WinogradPlan { convolution.plan }
  private var transform: WinogradTransform { convolution.transform }
  private var lanes: Int { convolution.lanes }
  /// Points of a row.
  private var points: Int { transform.points }
  /// Rows of weights in a line of the cache.
  private var rowsPerLine: Int {
    max(1, 64 / weights.element.byteCount(of: convolution.weightLanes))
  }
  func clear() throws(Diagnostic) -> [Statement] {
    let extents = [convolution.points, width * plan.tiles].map { IndexExpr($0) }
    return try Nest.axes(extents, .serial, builder) { at throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
        [.store(products, at + [lane], .zero(products.element))]
      }
    }
  }

  /// Makes the transformed weights of two rows of points for a chunk.
  func transform(
    _ pair: IndexExpr, _ place: Place, _ chunk: Chunk
  ) throws(Diagnostic) -> [Statement] {
    let isOuter = Expr.compare(.equal, .index(pair), .index(0))
    return [
      .if(
        isOuter,
        then: try overWeights(pair, place, chunk) { filter, code in
          // The rows of 0 and of infinity come from one row of taps each.
          let edges = zip(filter(0), filter(WinogradTransform.taps - 1)).map {
            transform.edges($0, $1, &code)
          }
          return [0, 1].map { row in edges.map { $0[row] } }
        },
        else: try overWeights(pair, place, chunk) { filter, code in
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

  /// Stores two rows of transformed weights for every step of a chunk and every block.
  ///
  /// - Parameter rows: the rows after the transform of columns, from the rows of taps.
  private func overWeights(
    _ pair: IndexExpr, _ place: Place, _ chunk: Chunk,
    rows: (_ filter: (Int) -> [Expr], inout StraightLine) -> [[Expr]]
  ) throws(Diagnostic) -> [Statement] {
    let (size, lanes) = (WinogradTransform.taps, convolution.weightLanes)
    return try builder.loop("b", IndexExpr(width)) { b throws(Diagnostic) in
      try builder.loop("c", IndexExpr(chunk.count)) { step throws(Diagnostic) in
        try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
          var code = StraightLine(builder)
          let tap = (chunk.firstStep + step) * IndexExpr(convolution.taps)
          let lines = rows(
            { y in
              (0..<size).map { x in
                weights.load([place.outputBlock + b, tap + IndexExpr(y * size + x), lane])
                  .converted(to: transform.operand)
              }
            }, &code)
          for (row, line) in lines.enumerated() {
            for (column, value) in transform.weights(line, &code).enumerated() {
              let at = [
                IndexExpr(row * points + column), step * IndexExpr(width) + b, lane,
              ]
              code.append(.store(transformed, at, value))
            }
          }
          return code.statements
        }
      }
    }
  }

  /// Asks for the weights of the next chunk, a few lines with every point, so that they come while points are computed.
  private func ahead(_ point: IndexExpr, _ place: Place, _ chunk: Chunk) -> [Statement] {
    let lines = (chunk.count * convolution.taps + rowsPerLine - 1) / rowsPerLine
    let requests = (width * lines + convolution.points - 1) / convolution.points
    let next = (chunk.firstStep + IndexExpr(chunk.count)) * IndexExpr(convolution.taps)
    return (0..<requests).map { request in
      // The last points ask once more for what has been asked for.
      let number = IndexExpr.min(
        point * IndexExpr(requests) + IndexExpr(request), IndexExpr(width * lines - 1))
      let row = next + number.mod(IndexExpr(lines)) * IndexExpr(rowsPerLine)
      return .prefetch(
        weights.buffer, [place.outputBlock + number.floorDiv(IndexExpr(lines)), row, 0])
    }
  }

  /// Adds the products of two rows for a chunk to the sums.
  func multiply(
    _ pair: IndexExpr, _ place: Place, _ chunk: Chunk
  ) throws(Diagnostic) -> [Statement] {
    let operands = convolution.stepwise(transformed, builder)
    return try builder.loop("column", IndexExpr(2 * points)) { column throws(Diagnostic) in
      let point = pair * IndexExpr(2 * points) + column
      func tile(_ size: Int, _ start: IndexExpr) throws(Diagnostic) -> [Statement] {
        let operands = RegisterTile.Operands(
          initial: { _, _, _ in .zero(products.element) },
          input: { pixel, step in
            // The tap of the window is the number of the block in the chunk.
            let block = chunk.firstBlock + (step.taps.first ?? 0)
            let depthTaps = IndexExpr(convolution.depthTaps)
            let at = convolution.place(
              place.firstStep + block.floorDiv(depthTaps) * IndexExpr(convolution.blockSteps)
                + step.channel,
              start + pixel, depthTap: block.mod(depthTaps))
            return inputs.load([place.block, point, at.vector, at.lane])
          },
          weight: { b, lane, step in
            .load(operands, [column, step.row * IndexExpr(width) + b, lane])
          },
          finish: { pixel, b, lane, sum in
            let at = [point, convolution.vector(b, start + pixel), lane]
            return [.store(products, at, sum.plus(.load(products, at)))]
          }, arithmetic: transform.arithmetic)
        return try RegisterTile(pixels: size, blocks: width, lanes: lanes).emit(
          builder, operands
        ) { step throws(Diagnostic) in
          try RegisterTile.reduction(
            builder, channels: chunk.size, chunk: convolution.blockSteps, window: [chunk.blocks],
            step)
        }
      }
      return try ahead(point, place, chunk) + plan.overTiles(builder, tile)
    }
  }
}
