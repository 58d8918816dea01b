import Loops
import Tensors

/// The kernels that convolve bytes: in matrix registers, by minimal filtering, or in fours in register tiles of several
/// shapes.
struct ByteConvolutionTable {
  enum Method: Hashable {
    case tiled(RegisterTile.Cut)
    case filtered(WinogradPlan)
    case matrix
  }

  struct Row {
    let name: String
    let method: Method
    /// Estimated vector instructions' time.
    let cost: Double
  }

  let problem: String
  /// From the one with the least estimated time.
  let rows: [Row]

  /// - Parameters:
  ///   - geometry: how matrix registers would do it; nil where they cannot.
  ///   - mayFilter: whether minimal filtering gives the same sums.
  init(
    _ problem: WinogradPlan.Problem, _ geometry: MatrixTileGeometry?, mayFilter: Bool,
    for target: Target
  ) {
    self.problem = problem.description.replacing("conv f32", with: "conv u8s8")
    let lanes = target.lanes(.f32)
    let blocks = (problem.groups.outputs + lanes - 1) / lanes
    let width = problem.axes.last?.count.value ?? 8
    var rows = RegisterTile.cuts(width: width, blocks: blocks, for: target).map { cut in
      Row(
        name: "conv_u8s8_\(cut.pixels)x\(cut.blocks)__\(lanes * 32)", method: .tiled(cut),
        cost: WinogradPlan.directCost(problem, cut, target) / 4)
    }
    for plan in mayFilter ? WinogradPlan.all(problem, .integerF4, target) : [] {
      rows.append(
        Row(
          name: "conv_u8s8_winograd4_\(plan.schedule)_\(plan.tiles)_\(plan.cut.pixels)x"
            + "\(plan.cut.blocks)__\(lanes * 32)", method: .filtered(plan),
          cost: plan.cost(problem, target) / ConvolutionTable.expectedGain))
    }
    if let geometry {
      rows.append(
        Row(
          name: "conv_u8s8_matrix__\(lanes * 32)", method: .matrix,
          cost: geometry.cost(filters: problem.groups.outputs, batch: problem.batch ?? 1)))
    }
    self.rows = rows.sorted { $0.cost < $1.cost }
  }

  /// The row that options ask for, or the first; the node's record has them all.
  func choose(_ context: NodeLowering) -> Method {
    let asked = context.session.options.rows[problem]
    let row = rows.first { $0.name == asked } ?? rows[0]
    context.record(
      problem: problem, rows: rows.map { .init(name: $0.name, cost: $0.cost) }, chosen: row.name)
    return row.method
  }
}

extension MatrixTileGeometry {
  /// Estimated time in vector instructions, two of which start in a cycle.
  fileprivate func cost(filters: Int, batch: Int) -> Double {
    // A product of two registers takes 16 cycles; a vector of sums about as many instructions to leave.
    let (product, vector) = (32.0, 16.0)
    let width = axes[axes.count - 1].count.constant
    let pixels = pixels(pitch: width)
    let planes = axes.dropLast(isFlat ? 2 : 1).reduce(batch) { $0 * $1.count.constant }
    let tiles = Double((pixels + Self.rows - 1) / Self.rows * planes)
    let blocks = Double((filters + 15) / 16)
    return tiles * blocks * (Double(depth) * product + Double(Self.rows) * vector)
  }
}
