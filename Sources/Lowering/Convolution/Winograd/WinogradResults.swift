import Diagnostics
import Loops
import Tensors

/// The last stage of a convolution by minimal filtering: products back to outputs, through the epilogue.
struct WinogradResults {
  let convolution: WinogradConvolution
  let builder: KernelBuilder
  private let bias: View?
  private let multipliers: View?
  /// Room for the results of one tile that are stored in a loop: `[row * m + column, lane]`.
  private let tileBuffer: Buffer

  init(
    _ convolution: WinogradConvolution, _ builder: KernelBuilder, _ context: NodeLowering
  ) {
    self.convolution = convolution
    self.builder = builder
    let rows = PanelRows(
      groups: convolution.groups, blocks: 0..<convolution.filterBlocks, perTile: 1,
      lanes: convolution.lanes)
    let constants = convolution.constants
    bias = constants.bias.map { builder.view(rows.pack($0, context)) }
    multipliers = constants.multipliers.map { builder.view(rows.pack($0, context)) }
    let m = convolution.transform.outputs
    tileBuffer = builder.scratch(
      multipliers == nil ? convolution.transform.arithmetic.sum : .f32, [m * m, convolution.lanes])
  }

  /// Epilogues of more operators than this are written once, in a loop over a tile's pixels.
  private static let unrolledOperators = 4

  /// Computes and stores the outputs of one output block for the tiles of a block that exist.
  ///
  /// - Parameter product: the sum at a point, a tile and a lane.
  func store(
    block: IndexExpr, outputBlock: IndexExpr,
    product: (_ point: IndexExpr, _ tile: IndexExpr, _ lane: IndexExpr) -> Expr
  ) throws(Diagnostic) -> [Statement] {
    let (plan, lanes) = (convolution.plan, convolution.lanes)
    let transform = convolution.transform
    let start = convolution.start(ofBlock: block)
    let planes = IndexExpr.min(IndexExpr(plan.planes), convolution.planeCount - start.plane)
    let columns = IndexExpr.min(IndexExpr(plan.columns), convolution.tileCount - start.tile)
    return try Nest.axes([planes, columns], .serial, builder) { at throws(Diagnostic) in
      let tile = at[0] * IndexExpr(plan.columns) + at[1]
      return try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
        lane throws(Diagnostic) in
        var code = StraightLine(builder)
        let range = 0..<transform.points
        let sums = range.map { row in
          range.map { column in
            code.named(product(IndexExpr(row * transform.points + column), tile, lane))
          }
        }
        var results = code.square(sums) { transform.output($0, &$1) }
        results = results.map { row in row.map { code.named(transform.sum($0)) } }
        if let bias {
          let value = code.named(bias.load([outputBlock, lane]))
          results = results.map { row in row.map { code.named($0.plus(value)) } }
        }
        if let multipliers {
          let value = code.named(multipliers.load([outputBlock, lane]))
          results = results.map { row in
            row.map { code.named($0.converted(to: .f32).times(value)) }
          }
        }
        let channel =
          IndexExpr(convolution.groups.firstOutput) + outputBlock * IndexExpr(lanes) + lane
        let place = convolution.position(start.tile + at[1])
        return code.statements
          + (try store(results, lane: lane, place: place) { row, column in
            convolution.output(place, plane: start.plane + at[0], channel: channel, row, column)
          })
      }
    }
  }

  /// Stores a tile's results, those that lie inside the output.
  private func store(
    _ results: [[Expr]], lane: IndexExpr,
    place: (image: IndexExpr, row: IndexExpr, column: IndexExpr),
    at output: (_ row: IndexExpr, _ column: IndexExpr) -> [IndexExpr]
  ) throws(Diagnostic) -> [Statement] {
    let m = convolution.transform.outputs
    let step = convolution.sink.pool == nil ? 1 : 2
    let extents = convolution.planeAxes.map(\.count)
    let steps = convolution.planeAxes.map { IndexExpr($0.tapStep) }
    let isWhole = zip(extents, steps).allSatisfy { $0.mod($1 * IndexExpr(m)) == 0 }
    var unrolled: [Statement] = []
    if convolution.sink.epilogue?.nodes.count ?? 0 <= Self.unrolledOperators {
      for row in stride(from: 0, to: m, by: step) {
        var stores: [[Statement]] = []
        for column in stride(from: 0, to: m, by: step) {
          stores.append(
            try store(at: output, IndexExpr(row), IndexExpr(column)) {
              results[row + $0][column + $1]
            })
        }
        unrolled += StoreGroups.merged(stores)
      }
      if isWhole { return unrolled }
    }
    var rolled: [Statement] = results.joined().enumerated().map { number, value in
      .store(tileBuffer, [IndexExpr(number), lane], value)
    }
    // Rows and columns inside the output, in steps of the dilation.
    let rowCount = (extents[0] - place.row).ceilDiv(steps[0])
    let columnCount = (extents[1] - place.column).ceilDiv(steps[1])
    let rows = IndexExpr.max(0, .min(IndexExpr(m), rowCount))
    let columns = IndexExpr.max(0, .min(IndexExpr(m), columnCount))
    let size = IndexExpr(step)
    rolled += try builder.loop("y", rows.floorDiv(size)) { y throws(Diagnostic) in
      try builder.loop("x", columns.floorDiv(size)) { x throws(Diagnostic) in
        try store(at: output, y * size, x * size) { row, column in
          let place = (y * size + IndexExpr(row)) * IndexExpr(m) + x * size + IndexExpr(column)
          return .load(tileBuffer, [place, lane])
        }
      }
    }
    if unrolled.isEmpty { return rolled }
    let isInside = Expr.binary(
      .and, .compare(.greaterOrEqual, .index(rowCount), .index(IndexExpr(m))),
      .compare(.greaterOrEqual, .index(columnCount), .index(IndexExpr(m))))
    return [.if(isInside, then: unrolled, else: rolled)]
  }

  /// Stores the result at a row and a column of a tile, or the pool of the window that has its corner there.
  ///
  /// - Parameter value: the result so many rows and columns further.
  private func store(
    at output: (_ row: IndexExpr, _ column: IndexExpr) -> [IndexExpr],
    _ row: IndexExpr, _ column: IndexExpr, value: (_ row: Int, _ column: Int) -> Expr
  ) throws(Diagnostic) -> [Statement] {
    guard let pool = convolution.sink.pool else {
      return try convolution.sink.store(value(0, 0), at: output(row, column), builder)
    }
    let window = [(0, 0), (0, 1), (1, 0), (1, 1)]
    return try convolution.sink.store(
      window: window.map { value($0.0, $0.1) },
      at: window.map { output(row + IndexExpr($0.0), column + IndexExpr($0.1)) }, into: pool,
      builder)
  }
}
