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
  /// Tiles of one plane in a block.
  let columns: Int
  /// Output planes of a block: 1 where there are two axes only.
  let planes: Int
  /// How register tiles cut a block's tiles and the output blocks.
  let cut: RegisterTile.Cut
  /// Blocks of terms whose weights are transformed at a time, for `rows`.
  let chunkBlocks: Int

  /// Tiles of a block.
  var tiles: Int { columns * planes }

  /// What a plan is chosen by.
  struct Problem: Hashable {
    let axes: [ConvolutionAxis]
    /// Images, nil where their number is open.
    let batch: Int?
    let groups: ChannelGroups

    /// Channels and filters of a group.
    var channels: Int { groups.inputs }
    var filters: Int { groups.outputs }
    var planeAxes: ArraySlice<ConvolutionAxis> { axes.suffix(2) }
    var extents: [Int] { axes.map { $0.count.value ?? ConvolutionAxis.usualExtent } }
    /// Output planes of an image, and the products of each with a filter's taps along the depth.
    var planes: Int { axes.count > 2 ? extents[0] : 1 }
    var depthTaps: Int { axes.count > 2 ? axes[0].tapCount : 1 }
    /// Planes of input from an output's first to its last.
    var reach: Int { (depthTaps - 1) * axes[0].tapStep }
    var terms: Int { channels * depthTaps }

    /// Tiles of one plane of all images.
    func tileCount(_ transform: WinogradTransform) -> Int {
      zip(planeAxes, extents.suffix(2)).reduce(batch ?? 1) { count, pair in
        let (step, m) = (pair.0.tapStep, transform.outputs)
        let perPhase = (pair.1 + step - 1) / step
        return count * step * ((perPhase + m - 1) / m)
      }
    }
  }

  /// The plans for an algorithm, one for each schedule that the problem allows; costs count vector multiply-adds, and
  /// transforms were measured in the same unit.
  static func all(
    _ problem: Problem, _ transform: WinogradTransform, _ target: Target
  ) -> [WinogradPlan] {
    let lanes = target.lanes(.f32)
    guard lanes > 1, problem.channels >= lanes, problem.filters >= lanes else { return [] }
    return [Schedule.blocks, .rows].compactMap { plan(problem, transform, $0, target) }
  }

  // MARK: Sizes

  /// The plan with a schedule, nil where it is none for the problem.
  private static func plan(
    _ problem: Problem, _ transform: WinogradTransform, _ schedule: Schedule, _ target: Target
  ) -> WinogradPlan? {
    let lanes = target.lanes(.f32)
    let (vector, sums) = (lanes * transform.operand.bitWidth / 8, lanes * 4)
    let points = transform.points * transform.points
    let filterBlocks = (problem.filters + lanes - 1) / lanes
    let room = target.level2ByteCount * 3 / 4

    // A block of tiles with its products beside all weights, and enough blocks for several threads.
    let weights = points * problem.terms * filterBlocks * vector
    let channelBlocks = Double((problem.channels + lanes - 1) / lanes)
    let perTile =
      Double(points * vector) * channelBlocks * inputShare(problem, 28) + Double(points * 2 * sums)
    let fitting = Int(Double(room - min(weights, room)) / perTile)
    let total = problem.tileCount(transform) * problem.planes
    let isBlockwise = schedule == .blocks
    if isBlockwise, problem.groups.count > 1 || fitting < 12 || total < 4 * min(fitting, 28) {
      return nil
    }
    let block = block(problem, transform, limit: isBlockwise ? min(fitting, 28) : 98)
    let cut = RegisterTile.cut(
      width: block.columns * block.planes, blocks: filterBlocks, most: isBlockwise ? 8 : 2,
      for: target)
    // Measured: with more, plain weights leave the first-level cache before the second pair of rows reads them.
    let chunkBlocks = block.columns * block.planes < 8 ? 1 : 2
    return WinogradPlan(
      transform: transform, schedule: schedule, columns: block.columns,
      planes: block.planes, cut: cut,
      chunkBlocks: min(chunkBlocks, problem.channels / lanes * problem.depthTaps))
  }

  /// Transformed inputs per tile where blocks of `limit` tiles are as deep as they can be.
  private static func inputShare(_ problem: Problem, _ limit: Int) -> Double {
    let planes = balanced(problem.planes, limit)
    return Double(planes + problem.reach) / Double(planes)
  }

  /// Blocks as deep as they can be, since planes of input are shared along the depth, and as wide as then fits.
  private static func block(
    _ problem: Problem, _ transform: WinogradTransform, limit: Int
  ) -> (columns: Int, planes: Int) {
    let planes = balanced(problem.planes, limit)
    return (balanced(problem.tileCount(transform), limit / planes), planes)
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
    case .integerF4: (300, 420, 260)
    }
  }

  func cost(_ problem: Problem, _ target: Target) -> Double {
    let lanes = target.lanes(.f32)
    let channelBlocks = Double((problem.channels + lanes - 1) / lanes)
    let filterBlocks = (problem.filters + lanes - 1) / lanes
    let columns = problem.tileCount(transform)
    let columnBlocks = (columns + self.columns - 1) / self.columns
    let planeBlocks = (problem.planes + planes - 1) / planes
    let blocks = Double(columnBlocks * planeBlocks)
    let points = Double(transform.points * transform.points)
    let each = transformCosts
    let outside =
      each.input * channelBlocks * blocks * Double(self.columns * (planes + problem.reach))
      + each.output * Double(filterBlocks * columns * problem.planes)
    let steps = Double(problem.terms) / Double(transform.arithmetic.terms)
    let stepCost = transform.arithmetic == .shortPairs ? target.shortDotCost : 1
    let products =
      points * steps * stepCost * blocks
      * RegisterTile.rowCost(cut, width: tiles, blocks: filterBlocks)
    let weightPasses = schedule == .blocks ? 1 : blocks
    return outside + products
      + each.weights * steps * Double(filterBlocks) * weightPasses
  }

  /// The estimated time of direct convolution in register tiles.
  static func directCost(_ problem: Problem, _ cut: RegisterTile.Cut, _ target: Target) -> Double {
    let lanes = target.lanes(.f32)
    let filterBlocks = (problem.filters + lanes - 1) / lanes
    let extents = problem.extents
    let rows = Double((problem.batch ?? 1) * extents.dropLast().reduce(1, *))
    let taps = Double(problem.axes.map(\.tapCount).reduce(problem.channels, *))
    return rows * taps * meetingShare(problem)
      * RegisterTile.rowCost(cut, width: extents.last ?? 1, blocks: filterBlocks)
  }

  /// The share of pairs of an output plane and a depth tap that meet: wide windows pass over those that meet padding.
  static func meetingShare(_ problem: Problem) -> Double {
    guard problem.axes.count > 2 else { return 1 }
    let (axis, planes) = (problem.axes[0], problem.planes)
    guard let base = axis.tapBase.value, axis.isWide(extent: IndexExpr(planes)) else { return 1 }
    let pairs = (0..<planes).flatMap { plane in (0..<axis.tapCount).map { (plane, $0) } }
    let meeting = pairs.count { (0..<planes).contains($0.0 + base + $0.1 * axis.tapStep) }
    return Double(meeting) / Double(max(1, pairs.count))
  }
}
