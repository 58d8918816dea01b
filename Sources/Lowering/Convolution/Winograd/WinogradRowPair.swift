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
  /// `[row of the pair * points + column, term of the chunk * width + block, lane]`
  let transformed: Buffer
  /// `[point, block * tiles + tile, lane]`
  let products: Buffer

  /// What a panel computes: a block of tiles for the output blocks from one on, from a group's input channels.
  struct Place {
    let block: IndexExpr
    let firstChannel: IndexExpr
    let outputBlock: IndexExpr
  }

  /// `blocks` blocks of `size` terms.
  struct Chunk {
    let firstTerm: IndexExpr
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
  /// Lines of weights that are asked for with each term: over all pairs no fewer than its taps.
  private var requests: Int { (convolution.taps + points / 2 - 1) / (points / 2) }

  func clear() throws(Diagnostic) -> [Statement] {
    let extents = [convolution.points, width * plan.tiles].map { IndexExpr($0) }
    return try Nest.axes(extents, .serial, builder) { at throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
        [.store(products, at + [lane], .float(0, .f32))]
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
        then: try overWeights(pair, place, chunk) { filter, _ in
          // The rows of 0 and of infinity take a row of taps as it is.
          [filter(0), filter(WinogradTransform.taps - 1)]
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

  /// Stores two rows of transformed weights for every term of a chunk and every block.
  ///
  /// - Parameter rows: the rows after the transform of columns, from the rows of taps.
  private func overWeights(
    _ pair: IndexExpr, _ place: Place, _ chunk: Chunk,
    rows: (_ filter: (Int) -> [Expr], inout StraightLine) -> [[Expr]]
  ) throws(Diagnostic) -> [Statement] {
    let size = WinogradTransform.taps
    return try builder.loop("b", IndexExpr(width)) { b throws(Diagnostic) in
      try builder.loop("c", IndexExpr(chunk.count)) { term throws(Diagnostic) in
        try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
          var code = StraightLine(builder)
          // Each pair asks for its share of the terms that follow.
          let count = IndexExpr(chunk.count)
          let next = (chunk.firstTerm + count) * IndexExpr(convolution.taps)
          let share = (pair * count + term) * IndexExpr(requests)
          for request in 0..<requests {
            let line = next + share + IndexExpr(request)
            code.append(.prefetch(weights.buffer, [place.outputBlock + b, line, 0]))
          }
          let tap = (chunk.firstTerm + term) * IndexExpr(convolution.taps)
          let lines = rows(
            { y in
              (0..<size).map { x in
                weights.load([place.outputBlock + b, tap + IndexExpr(y * size + x), lane])
              }
            }, &code)
          for (row, line) in lines.enumerated() {
            for (column, value) in transform.weights(line, &code).enumerated() {
              let at = [
                IndexExpr(row * points + column), term * IndexExpr(width) + b, lane,
              ]
              code.append(.store(transformed, at, value))
            }
          }
          return code.statements
        }
      }
    }
  }

  /// Adds the products of two rows for a chunk to the sums.
  func multiply(
    _ pair: IndexExpr, _ place: Place, _ chunk: Chunk
  ) throws(Diagnostic) -> [Statement] {
    try builder.loop("column", IndexExpr(2 * points)) { column throws(Diagnostic) in
      let point = pair * IndexExpr(2 * points) + column
      func tile(_ size: Int, _ start: IndexExpr) throws(Diagnostic) -> [Statement] {
        let operands = RegisterTile.Operands(
          initial: { _, _, _ in .float(0, .f32) },
          input: { pixel, step in
            // The tap of the window is the number of the block in the chunk.
            let block = chunk.firstBlock + (step.taps.first ?? 0)
            let depthTaps = IndexExpr(convolution.depthTaps)
            let at = convolution.place(
              place.firstChannel + block.floorDiv(depthTaps) * IndexExpr(lanes) + step.channel,
              start + pixel, depthTap: block.mod(depthTaps))
            return inputs.load([place.block, point, at.vector, at.lane])
          },
          weight: { b, lane, step in
            .load(transformed, [column, step.row * IndexExpr(width) + b, lane])
          },
          finish: { pixel, b, lane, sum in
            let at = [point, convolution.vector(b, start + pixel), lane]
            return [.store(products, at, sum.plus(.load(products, at)))]
          })
        return try RegisterTile(pixels: size, blocks: width, lanes: lanes).emit(
          builder, operands
        ) { step throws(Diagnostic) in
          try RegisterTile.reduction(
            builder, channels: chunk.size, chunk: lanes, window: [chunk.blocks], step)
        }
      }
      return try plan.overTiles(builder, tile)
    }
  }
}
