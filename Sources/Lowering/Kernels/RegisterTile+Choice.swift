package import Loops

extension RegisterTile {
  /// How one row of outputs and all channel blocks are cut into tiles.
  package struct Cut: Hashable, Sendable {
    /// Pixels of all tiles of a row but the last, and of the last.
    package let pixels: Int
    package let lastPixels: Int
    /// How many tiles a row has.
    package let count: Int
    /// Channel blocks of a tile; what does not divide is left to a launch of its own.
    package let blocks: Int
  }

  /// The cut of `width` pixels and `blocks` channel blocks with the least estimated time.
  ///
  /// Per reduction step a tile takes its multiply-adds, or the latency of a chain, and its loads; registers must hold
  /// all accumulators, the weights and one input.
  ///
  /// - Parameters:
  ///   - most: channel blocks that a tile may have.
  ///   - least: channel blocks that it has at least.
  package static func cut(
    width: Int, blocks: Int, most: Int = 8, least: Int = 1, for target: Target
  ) -> Cut {
    var best: (cost: Double, cut: Cut)?
    for b in min(least, max(1, blocks))...max(1, min(blocks, most)) {
      let room = (target.vectorRegisterCount - 1 - b) / b
      guard room >= 1 else { continue }
      for p in 1...min(room, max(width, 1)) {
        let count = (width + p - 1) / p
        // Tiles of equal width: shrinking p to the balanced width changes nothing but the last tile.
        let cut = Cut(pixels: p, lastPixels: width - (count - 1) * p, count: count, blocks: b)
        let cost = rowCost(cut, width: width, blocks: blocks)
        if best == nil || cost < (best?.cost ?? 0) * 0.999 { best = (cost, cut) }
      }
    }
    return best?.cut ?? Cut(pixels: 1, lastPixels: width, count: width, blocks: 1)
  }

  /// Cuts that tables have rows for: the best one, and the best of some numbers of channel blocks.
  static func cuts(width: Int, blocks: Int, for target: Target) -> [Cut] {
    let all =
      [cut(width: width, blocks: blocks, for: target)]
      + (1...max(1, min(blocks, 8))).map {
        cut(width: width, blocks: blocks, most: $0, least: $0, for: target)
      }
    let distinct = all.enumerated().filter { !all[..<$0.offset].contains($0.element) }
    return distinct.map(\.element).sorted {
      rowCost($0, width: width, blocks: blocks) < rowCost($1, width: width, blocks: blocks)
    }.prefix(mostRows).map { $0 }
  }

  /// More rows cost more to measure than any of them gains.
  private static let mostRows = 4

  /// Estimated multiply-adds' time of one reduction step of all tiles of a row, for `blocks` channel blocks.
  static func rowCost(_ cut: Cut, width: Int, blocks: Int) -> Double {
    let (p, b) = (cut.pixels, cut.blocks)
    let row = Double(cut.count - 1) * stepCost(p, b) + stepCost(cut.lastPixels, b)
    let rest = blocks % b
    var cost = row * Double(blocks / b)
    // Blocks that are left over are a launch of their own.
    if rest > 0 { cost += row / stepCost(p, b) * stepCost(p, rest) * 1.5 }
    // Tiles that differ cost code and branch mispredictions.
    if cut.lastPixels != p { cost *= 1.01 }
    return cost
  }

  /// Estimated time of one reduction step of a tile, in instructions.
  ///
  /// A core that shares its units with another hardware thread gives a tile so many instructions in a cycle, whichever
  /// they are: what counts is how few loads come with a multiply-add.
  static func stepCost(_ pixels: Int, _ blocks: Int) -> Double {
    let products = Double(pixels * blocks)
    let loads = Double(pixels + blocks)
    // A multiply-add takes four cycles, and two can start in one: fewer than eight chains leave units idle.
    let latency = 8.0
    // Inputs come from the first-level cache, weights from the second or from beyond: the same tile of as many
    // products with half the weights reads half as much.
    return max(products, latency) + loads + 0.6 * Double(blocks)
  }
}
