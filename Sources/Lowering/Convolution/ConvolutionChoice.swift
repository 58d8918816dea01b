import Diagnostics
import Loops
import Tensors

/// How a run of channel groups is convolved: by minimal filtering or product by product, and why.
struct ConvolutionChoice {
  /// Nil for direct convolution.
  let plan: WinogradPlan?
  /// The reason, for profiles.
  let note: String

  /// The faster of the algorithms that options and weights allow.
  ///
  /// - Parameter weight: as `WinogradConvolution.weight`.
  static func make(
    _ problem: WinogradPlan.Problem, extents: [IndexExpr],
    weight: (_ output: Int, _ input: Int, _ kernel: [Int]) -> Float,
    _ options: LoweringOptions, for target: Target
  ) -> ConvolutionChoice {
    if let reason = reasonAgainst(problem, extents, options, target) {
      return ConvolutionChoice(plan: nil, note: "direct: \(reason)")
    }
    let allowed = options.winograd.transforms
    guard let plan = WinogradPlan.choose(problem, allowed: allowed, for: target) else {
      let shares = allowed.map {
        "\($0) would take \(WinogradPlan.plan(problem, $0, target).percent(problem, target))"
      }
      return ConvolutionChoice(
        plan: nil, note: "direct: \(shares.joined(separator: ", ")) of its time by the cost model")
    }
    return ConvolutionChoice(plan: plan, note: plan.note(problem, target))
  }

  /// Why minimal filtering cannot compute a convolution or is not considered; nil where it is.
  private static func reasonAgainst(
    _ problem: WinogradPlan.Problem, _ extents: [IndexExpr], _ options: LoweringOptions,
    _ target: Target
  ) -> String? {
    let axes = problem.axes
    guard WinogradConvolution.claims(axes, extents: extents) else {
      let window = axes.map { "\($0.tapCount)" }.joined(separator: "x")
      if let axis = axes.first(where: { $0.inputStride != 1 }) {
        return "window \(window) in steps of \(axis.inputStride)"
      }
      if let axis = axes.first(where: { $0.tapStep > 1 }) {
        return "window \(window) with dilation \(axis.tapStep) is wide for its input"
      }
      return "window \(window)"
    }
    if options.winograd == .off { return "minimal filtering is off" }
    let lanes = target.lanes(.f32)
    let narrow = min(problem.channels, problem.filters)
    return narrow < lanes ? "\(narrow) of a vector's \(lanes) channels" : nil
  }
}

extension WinogradPlan {
  /// The estimated time, as a share of direct convolution's.
  fileprivate func percent(_ problem: Problem, _ target: Target) -> String {
    "\(Int((100 * cost(problem, target) / Self.directCost(problem, target)).rounded())) %"
  }

  /// What was chosen, and by what.
  fileprivate func note(_ problem: Problem, _ target: Target) -> String {
    let time = percent(problem, target)
    return "\(transform), \(schedule) schedule: \(time) of direct's time by the cost model; "
      + "\(tiles) tiles at a time, register tile \(cut.pixels)x\(cut.blocks)"
  }
}

extension WinogradTransform: CustomStringConvertible {
  /// Such as `winograd F(4, 3)`.
  var description: String { "winograd F(\(outputs), \(Self.taps))" }
}
