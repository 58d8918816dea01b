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
  static func make(
    _ problem: WinogradPlan.Problem, extents: [IndexExpr],
    weights: ConvolutionWeights,
    _ options: LoweringOptions, for target: Target
  ) -> ConvolutionChoice {
    if let reason = reasonAgainst(problem, extents, options, target) {
      return ConvolutionChoice(plan: nil, note: "direct: \(reason)")
    }
    var allowed = options.winograd.transforms
    var reservations: [String] = []
    while let plan = WinogradPlan.choose(problem, allowed: allowed, for: target) {
      let error =
        options.winograd == .auto
        ? WinogradError(plan.transform, problem, target, weights) : nil
      if error?.isAcceptable != false {
        let note = [plan.note(problem, target)] + reservations
        return ConvolutionChoice(plan: plan, note: note.joined(separator: "; "))
      }
      allowed.removeAll { $0 == plan.transform }
      reservations.append("\(plan.transform) \(error?.reservation ?? "")")
    }
    let shares = allowed.map {
      "\($0) would take \(WinogradPlan.plan(problem, $0, target).percent(problem, target)) of its time"
        + " by the cost model"
    }
    return ConvolutionChoice(
      plan: nil, note: "direct: \((shares + reservations).joined(separator: ", "))")
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

extension WinogradError {
  /// The error of an algorithm for a problem's weights; groups share the filters that are sampled.
  fileprivate init(
    _ transform: WinogradTransform, _ problem: WinogradPlan.Problem, _ target: Target,
    _ weights: ConvolutionWeights
  ) {
    let (groups, size) = (problem.groups, WinogradTransform.taps)
    // Taps along the axes before the plane's two: their products are added like those of channels.
    let outer = problem.axes.dropLast(2).map(\.tapCount)
    let strides = outer.rowMajorStrides
    let values = weights.tensor.array(of: Float.self)
    self.init(
      transform, filters: groups.count * groups.outputs,
      terms: groups.inputs * outer.elementCount, target: target
    ) { filter, term, tap in
      let place = groups.place(
        group: filter / groups.outputs, output: filter % groups.outputs,
        input: term / outer.elementCount)
      guard let place else { return 0 }
      let position = outer.indices.map { term % outer.elementCount / strides[$0] % outer[$0] }
      let kernel = position + [tap / size, tap % size]
      return values[
        weights.place(place.output, place.input) + dot(kernel, weights.kernelStrides[...])]
    }
  }

  /// Why it is not acceptable.
  fileprivate var reservation: String {
    loss.isFinite
      ? "would have \(Int(loss.rounded())) times the error of direct convolution"
      : "is not exact enough"
  }
}

extension WinogradTransform: CustomStringConvertible {
  /// Such as `winograd F(4, 3)`.
  package var description: String { "winograd F(\(outputs), \(Self.taps))" }
}
