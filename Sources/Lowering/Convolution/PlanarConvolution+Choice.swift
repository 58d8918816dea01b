import Loops
import Tensors

/// When lanes of neighbouring columns pay.
extension PlanarConvolution {
  /// Whether outputs of a problem are dense rows of at least a vector.
  static func claims(_ problem: WinogradPlan.Problem, for target: Target) -> Bool {
    guard let last = problem.axes.last, let width = last.count.value else { return false }
    return width >= target.lanes(.f32)
      && problem.axes.allSatisfy { $0.outputStride == 1 && $0.tapStep > 0 }
  }

  /// Filters and vectors of columns that tiles hold.
  static func cuts(_ problem: WinogradPlan.Problem, _ target: Target) -> [RegisterTile.Cut] {
    let vectors = (problem.extents.last ?? 1) / target.lanes(.f32)
    return RegisterTile.cuts(width: problem.filters, blocks: vectors, for: target)
  }

  /// Estimated vector multiply-adds' time.
  static func cost(
    _ problem: WinogradPlan.Problem, _ cut: RegisterTile.Cut, _ target: Target
  ) -> Double {
    let lanes = target.lanes(.f32)
    let width = problem.extents.last ?? 1
    let rows = Double((problem.batch ?? 1) * problem.extents.dropLast().reduce(1, *))
    let taps = Double(problem.axes.map(\.tapCount).reduce(problem.channels, *))
    var row = RegisterTile.rowCost(cut, width: problem.filters, blocks: width / lanes)
    if width % lanes > 0 {
      row += Double(cut.count) * RegisterTile.stepCost(cut.pixels, 1)
    }
    return rows * taps * row * WinogradPlan.meetingShare(problem)
  }
}
