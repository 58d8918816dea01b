import Loops
import Tensors

/// The kernels that multiply by a constant matrix: one for each register tile.
struct ProductTable {
  struct Row: Hashable {
    let name: String
    let cut: RegisterTile.Cut
    /// Estimated vector multiply-adds' time.
    let cost: Double
  }

  /// All numbers of the problem; the same text for the same problem.
  let problem: String
  /// From the one with the least estimated time.
  let rows: [Row]

  /// Rows of `[rows, depth]` times `[depth, columns]`, so many times, `depth` in steps; an open number of rows counts as 64.
  init(
    batch: [IndexExpr], rows: IndexExpr, depth: IndexExpr, columns: Int,
    _ arithmetic: TileArithmetic = .floats, for target: Target
  ) {
    let lanes = target.lanes(.f32)
    let images = batch.map { "\($0)x" }.joined()
    problem = "product \(arithmetic) \(images)\(rows)x\(depth) \(depth)x\(columns)"
    let (height, blocks) = (rows.value ?? 64, max(1, columns / lanes))
    let steps = Double(depth.value ?? 64)
    self.rows = RegisterTile.cuts(width: height, blocks: blocks, for: target).map { cut in
      Row(
        name: "gemm_\(arithmetic)_\(cut.pixels)x\(cut.blocks)__\(lanes * 32)", cut: cut,
        cost: steps * RegisterTile.rowCost(cut, width: height, blocks: blocks))
    }
  }

  /// The row of that name, or the one with the least estimated time.
  func row(named name: String?) -> Row { rows.first { $0.name == name } ?? rows[0] }
}
