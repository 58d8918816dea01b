import Loops
import Tensors

/// How many queries, and how many vectors of keys and of values, a step of a fused attention works on.
struct AttentionTile: Hashable {
  let rows: Int
  let keyBlocks: Int
  let valueBlocks: Int

  /// The tile with the least estimated time for all queries, `queries` where they are known; nil where registers do not
  /// suffice.
  init?(queries: Int?, keys: Int, size: Int, valueSize: Int, for target: Target) {
    let lanes = target.lanes(.f32)
    let count = queries ?? 64
    // Lanes beyond the last key are computed like others.
    let keyLanes = (keys + lanes - 1) / lanes * lanes
    var best: (cost: Double, tile: AttentionTile)?
    for rows in 1...max(1, min(count, target.vectorRegisterCount / 2)) {
      func blocks(_ columns: Int) -> Int {
        let all = max(1, columns / lanes)
        let fitting = (1...all).filter { rows * $0 + $0 + 1 <= target.vectorRegisterCount }
        return fitting.min {
          Self.cost(rows, $0, columns, lanes) < Self.cost(rows, $1, columns, lanes)
        } ?? 1
      }
      guard rows + 2 <= target.vectorRegisterCount else { break }
      let (k, v) = (blocks(keyLanes), blocks(valueSize))
      func cost(_ rows: Int) -> Double {
        Double(size) * Self.cost(rows, k, keyLanes, lanes)
          + Double(keys) * Self.cost(rows, v, valueSize, lanes)
      }
      let rest = count % rows
      let all = Double(count / rows) * cost(rows) + (rest > 0 ? cost(rest) : 0)
      if best == nil || all < (best?.cost ?? 0) * 0.999 {
        best = (all, AttentionTile(rows: rows, keyBlocks: k, valueBlocks: v))
      }
    }
    guard let best else { return nil }
    self = best.tile
  }

  private init(rows: Int, keyBlocks: Int, valueBlocks: Int) {
    self.rows = rows
    self.keyBlocks = keyBlocks
    self.valueBlocks = valueBlocks
  }

  /// Estimated time of one reduction step for all columns.
  private static func cost(_ rows: Int, _ blocks: Int, _ columns: Int, _ lanes: Int) -> Double {
    let all = columns / lanes
    var cost = Double(all / blocks) * RegisterTile.stepCost(rows, blocks)
    if all % blocks > 0 { cost += RegisterTile.stepCost(rows, all % blocks) }
    if columns % lanes > 0 { cost += RegisterTile.stepCost(rows, 1) }
    return cost
  }
}
