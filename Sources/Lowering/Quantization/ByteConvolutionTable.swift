import Loops
import Tensors

/// The kernels that convolve bytes in fours: register tiles of several shapes.
struct ByteConvolutionTable {
  struct Row {
    let name: String
    let cut: RegisterTile.Cut
    /// Estimated vector instructions' time.
    let cost: Double
  }

  let problem: String
  /// From the one with the least estimated time.
  let rows: [Row]

  init(_ problem: WinogradPlan.Problem, for target: Target) {
    self.problem = problem.description.replacing("conv f32", with: "conv u8s8")
    let lanes = target.lanes(.f32)
    let blocks = (problem.groups.outputs + lanes - 1) / lanes
    let width = problem.axes.last?.count.value ?? 8
    rows = RegisterTile.cuts(width: width, blocks: blocks, for: target).map { cut in
      Row(
        name: "conv_u8s8_\(cut.pixels)x\(cut.blocks)__\(lanes * 32)", cut: cut,
        cost: WinogradPlan.directCost(problem, cut, target) / 4)
    }
  }

  /// The row that options ask for, or the first; the node's record has them all.
  func choose(_ context: NodeLowering) -> RegisterTile.Cut {
    let asked = context.session.options.rows[problem]
    let row = rows.first { $0.name == asked } ?? rows[0]
    context.record(
      problem: problem, rows: rows.map { .init(name: $0.name, cost: $0.cost) }, chosen: row.name)
    return row.cut
  }
}
