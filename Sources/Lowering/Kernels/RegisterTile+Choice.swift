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
  /// Per reduction step a tile takes the longest of its multiply-adds, its loads (two broadcasts or one vector a cycle)
  /// and the latency of a chain; registers must hold all accumulators, the weights and one input.
  package static func cut(width: Int, blocks: Int, for target: Target) -> Cut {
    var best: (cost: Double, cut: Cut)?
    for b in 1...max(1, min(blocks, 8)) {
      let room = (target.vectorRegisterCount - 1 - b) / b
      guard room >= 1 else { continue }
      for p in 1...min(room, max(width, 1)) {
        let count = (width + p - 1) / p
        // Tiles of equal width: shrinking p to the balanced width changes nothing but the last tile.
        let last = width - (count - 1) * p
        let row = Double(count - 1) * stepCost(p, b) + stepCost(last, b)
        let rest = blocks % b
        var cost = row * Double(blocks / b)
        if rest > 0 { cost += row / stepCost(p, b) * stepCost(p, rest) * 1.1 }
        // Tiles that differ cost code and branch mispredictions.
        if last != p { cost *= 1.01 }
        if best == nil || cost < (best?.cost ?? 0) * 0.999 {
          best = (cost, Cut(pixels: p, lastPixels: last, count: count, blocks: b))
        }
      }
    }
    return best?.cut ?? Cut(pixels: 1, lastPixels: width, count: width, blocks: 1)
  }

  /// Estimated cycles of one reduction step of a tile.
  private static func stepCost(_ pixels: Int, _ blocks: Int) -> Double {
    let products = Double(pixels * blocks)
    let loads = Double(blocks) + Double(pixels) / 2
    // A multiply-add takes four cycles and one can start in each.
    return max(products, loads, 4) + 0.15 * Double(pixels + blocks)
  }
}
