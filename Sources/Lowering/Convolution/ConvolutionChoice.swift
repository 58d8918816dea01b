import Diagnostics
import Loops
import Tensors

/// How a run of channel groups is convolved, and why.
struct ConvolutionChoice {
  let row: ConvolutionTable.Row
  /// The rows that are exact enough, as far as their errors have been asked for.
  let rows: [ConvolutionTable.Row]
  /// The reason, for profiles.
  let note: String

  /// The row that options ask for, or the fastest of those that options and weights allow.
  static func make(
    _ problem: WinogradPlan.Problem, extents: [IndexExpr],
    weights: ConvolutionWeights, planarMoves: Int?,
    _ options: LoweringOptions, for target: Target
  ) -> ConvolutionChoice {
    let reason = reasonAgainst(problem, extents, options, target)
    let table = ConvolutionTable(
      problem, transforms: reason == nil ? options.winograd.transforms : [],
      mayRound: options.precision == .bf16, planarMoves: planarMoves, for: target)
    var rows = table.rows
    var reservations: [String] = []
    let asked = options.rows[problem.description]
    while true {
      // Direct rows are always left.
      let row = rows.first { $0.name == asked } ?? rows[0]
      let isAsked = row.name == asked ? ["asked for"] : []
      guard let plan = row.plan else {
        let note = isAsked + [reason ?? table.comparison] + reservations
        let method =
          switch row.method {
          case .planar: "columns in lanes"
          case .paired: "direct, pairs of bf16"
          case .direct, .filtered: "direct"
          }
        return ConvolutionChoice(
          row: row, rows: rows, note: "\(method): " + note.joined(separator: ", "))
      }
      let error =
        options.winograd == .auto
        ? WinogradError(plan.transform, problem, target, weights) : nil
      if error?.isAcceptable != false {
        let note = [plan.note] + isAsked + [table.comparison] + reservations
        return ConvolutionChoice(row: row, rows: rows, note: note.joined(separator: "; "))
      }
      rows.removeAll { $0.plan?.transform == plan.transform }
      reservations.append("\(plan.transform) \(error?.reservation ?? "")")
    }
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

extension ConvolutionTable {
  /// The best filtered row's time as a share of the best direct one's.
  fileprivate var comparison: String {
    guard let direct = rows.first(where: { $0.plan == nil }),
      let filtered = rows.first(where: { $0.plan != nil }), let plan = filtered.plan
    else { return "nothing else claims it" }
    let share = Int((100 * filtered.cost / direct.cost).rounded())
    return "\(plan.transform) would take \(share) % of direct convolution's time by the cost model"
  }
}

extension WinogradPlan {
  /// What is chosen, for profiles.
  var note: String {
    "\(transform), \(schedule) schedule, \(tiles) tiles at a time, register tile \(cut.pixels)x\(cut.blocks)"
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
