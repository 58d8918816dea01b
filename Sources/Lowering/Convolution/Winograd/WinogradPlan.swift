import Diagnostics
import Loops
import Tensors

/// How a convolution runs by minimal filtering: which algorithm, and what is held in the cache at a time.
struct WinogradPlan: Hashable {
  enum Schedule: Hashable {
    /// Block by block of tiles, from the input to the output: `WinogradBlocks`.
    case blocks
    /// Panel by panel of output channels, weights transformed row by row of points: `WinogradRows`.
    case rows
  }

  let transform: WinogradTransform
  let schedule: Schedule
  /// Tiles of a block.
  let tiles: Int
  /// How register tiles cut a block's tiles and the output blocks.
  let cut: RegisterTile.Cut
  /// Blocks of input channels whose weights are transformed at a time, for `rows`.
  let chunkBlocks: Int

  /// What a plan is chosen by.
  struct Problem: Hashable {
    let axes: [ConvolutionAxis]
    /// Images, nil where their number is open.
    let batch: Int?
    let groups: ChannelGroups

    /// Channels and filters of a group.
    var channels: Int { groups.inputs }
    var filters: Int { groups.outputs }
    var height: Int { axes[0].count.value ?? Self.usualExtent }
    var width: Int { axes[1].count.value ?? Self.usualExtent }

    /// Extents taken for those that are open: a medium image.
    private static let usualExtent = 56

    func tileCount(_ transform: WinogradTransform) -> Int {
      zip(axes, [height, width]).reduce(batch ?? 1) { count, pair in
        let (step, m) = (pair.0.tapStep, transform.outputs)
        let perPhase = (pair.1 + step - 1) / step
        return count * step * ((perPhase + m - 1) / m)
      }
    }
  }

  /// The plan with the least estimated time, nil where direct convolution is estimated to be as fast.
  ///
  /// Costs count vector multiply-adds; transforms were measured in the same unit.
  static func choose(
    _ problem: Problem, allowed: [WinogradTransform], for target: Target
  ) -> WinogradPlan? {
    let lanes = target.lanes(.f32)
    guard lanes > 1, problem.channels >= lanes, problem.filters >= lanes else { return nil }
    var best = directCost(problem, target) * 0.9
    var chosen: WinogradPlan?
    for transform in allowed {
      let plan = plan(problem, transform, target)
      let cost = plan.cost(problem, target)
      if cost < best { (best, chosen) = (cost, plan) }
    }
    return chosen
  }

  // MARK: Sizes

  private static func plan(
    _ problem: Problem, _ transform: WinogradTransform, _ target: Target
  ) -> WinogradPlan {
    let lanes = target.lanes(.f32)
    let vector = lanes * 4
    let points = transform.points * transform.points
    let total = problem.tileCount(transform)
    let channelBlocks = (problem.channels + lanes - 1) / lanes
    let filterBlocks = (problem.filters + lanes - 1) / lanes
    let room = target.level2ByteCount * 3 / 4

    // A block of tiles with its products beside all weights, and enough blocks for several threads.
    let weights = points * problem.channels * filterBlocks * vector
    let fitting = (room - min(weights, room)) / (points * (channelBlocks + 2) * vector)
    let isBlockwise =
      problem.groups.count == 1 && fitting >= 12 && total >= 4 * min(fitting, 28)
    let tiles = balanced(total, isBlockwise ? min(fitting, 28) : 98)
    let cut = RegisterTile.cut(
      width: tiles, blocks: filterBlocks, most: isBlockwise ? 8 : 2, for: target)
    // Measured: with more, plain weights leave the first-level cache before the second pair of rows reads them.
    let chunkBlocks = tiles < 8 ? 1 : 2
    return WinogradPlan(
      transform: transform, schedule: isBlockwise ? .blocks : .rows, tiles: tiles, cut: cut,
      chunkBlocks: min(chunkBlocks, channelBlocks))
  }

  /// The size of blocks that divide `total` most evenly, none larger than `limit`.
  private static func balanced(_ total: Int, _ limit: Int) -> Int {
    let blocks = (total + limit - 1) / limit
    return (total + blocks - 1) / blocks
  }

  /// The tiles of a block: register tiles of one size in a loop, then a narrower one.
  func overTiles(
    _ builder: KernelBuilder,
    _ body: (_ size: Int, _ start: IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let size = cut.pixels
    let whole = tiles / size
    var statements = try builder.loop("t", IndexExpr(whole)) { number throws(Diagnostic) in
      try body(size, number * IndexExpr(size))
    }
    if tiles % size > 0 { statements += try body(tiles % size, IndexExpr(whole * size)) }
    return statements
  }

  // MARK: Costs

  /// Multiply-adds that take as long as the transform of one tile's input, of its products, and of one filter.
  private var transformCosts: (input: Double, output: Double, weights: Double) {
    switch transform {
    case .f2: (60, 44, 30)
    case .f4: (150, 120, 80)
    }
  }

  private func cost(_ problem: Problem, _ target: Target) -> Double {
    let lanes = target.lanes(.f32)
    let channelBlocks = Double((problem.channels + lanes - 1) / lanes)
    let filterBlocks = (problem.filters + lanes - 1) / lanes
    let total = problem.tileCount(transform)
    let blocks = Double((total + tiles - 1) / tiles)
    let points = Double(transform.points * transform.points)
    let each = transformCosts
    let outside =
      each.input * channelBlocks * blocks * Double(tiles)
      + each.output * Double(filterBlocks * total)
    let products =
      points * Double(problem.channels) * blocks
      * RegisterTile.rowCost(cut, width: tiles, blocks: filterBlocks)
    let weightPasses = schedule == .blocks ? 1 : blocks
    return outside + products
      + each.weights * Double(problem.channels * filterBlocks) * weightPasses
  }

  private static func directCost(_ problem: Problem, _ target: Target) -> Double {
    let lanes = target.lanes(.f32)
    let filterBlocks = (problem.filters + lanes - 1) / lanes
    let rows = Double((problem.batch ?? 1) * problem.height)
    let cut = RegisterTile.cut(width: problem.width, blocks: filterBlocks, for: target)
    return rows * Double(9 * problem.channels)
      * RegisterTile.rowCost(cut, width: problem.width, blocks: filterBlocks)
  }
}
