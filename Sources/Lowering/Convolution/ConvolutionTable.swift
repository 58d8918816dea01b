import Loops
import Tensors

/// The kernels that convolve a run of channel groups.
struct ConvolutionTable {
  struct Row: Hashable {
    enum Method: Hashable {
      /// By minimal filtering.
      case filtered(WinogradPlan)
      /// Product by product, in register tiles.
      case direct(RegisterTile.Cut)
      /// The same with pairs of bf16.
      case paired(RegisterTile.Cut)
      /// With columns in lanes.
      case planar(RegisterTile.Cut)
    }

    let name: String
    let method: Method
    /// Estimated vector multiply-adds' time.
    let cost: Double

    var plan: WinogradPlan? {
      guard case .filtered(let plan) = method else { return nil }
      return plan
    }
  }

  /// The rows that claim the problem, from the one with the least estimated time.
  let rows: [Row]

  /// - Parameters:
  ///   - transforms: the minimal filtering algorithms that may be used.
  ///   - mayRound: whether inputs and weights may be rounded to bf16.
  ///   - planarMoves: elements that would have to be moved from blocks to rows or back for a planar convolution; nil
  ///     where it is not one.
  init(
    _ problem: WinogradPlan.Problem, transforms: [WinogradTransform], mayRound: Bool = false,
    planarMoves: Int? = 0, for target: Target
  ) {
    let cuts = Self.cuts(problem, target)
    var rows = cuts.map { cut in
      Row(
        name: Self.name("f32_\(cut.pixels)x\(cut.blocks)", target), method: .direct(cut),
        cost: WinogradPlan.directCost(problem, cut, target))
    }
    if mayRound, TiledConvolution.claimsPairs(problem.groups, for: target) {
      rows += cuts.map { cut in
        // Half as many steps, and about one instruction for every vector of inputs that is rounded.
        let rounding = Double(problem.inputCount / target.lanes(.f32))
        return Row(
          name: Self.name("bf16f32_\(cut.pixels)x\(cut.blocks)", target), method: .paired(cut),
          cost: WinogradPlan.directCost(problem, cut, target) / 2 * target.pairDotCost + rounding)
      }
    }
    if let planarMoves, PlanarConvolution.claims(problem, for: target) {
      rows += PlanarConvolution.cuts(problem, target).map { cut in
        Row(
          name: Self.name("f32_planar_\(cut.pixels)x\(cut.blocks)", target), method: .planar(cut),
          cost: PlanarConvolution.cost(problem, cut, target) / Self.expectedGain
            + Self.moveCost * Double(planarMoves / target.lanes(.f32)))
      }
    }
    for transform in transforms {
      for plan in WinogradPlan.all(problem, transform, target) {
        let tile = "\(plan.cut.pixels)x\(plan.cut.blocks)"
        rows.append(
          Row(
            name: Self.name(
              "f32_winograd\(transform.outputs)_\(plan.schedule)_\(plan.tiles)_\(tile)", target),
            method: .filtered(plan), cost: plan.cost(problem, target) / Self.expectedGain))
      }
    }
    self.rows = rows.enumerated().sorted {
      ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset)
    }.map(\.element)
  }

  /// Instructions for a vector of elements that moves between blocks and rows: each of them alone.
  private static let moveCost = 20.0

  /// The share of direct convolution's estimated time below which minimal filtering is worth its memory, and columns
  /// in lanes what operators that would rather have blocks may cost behind them.
  static let expectedGain = 0.9

  private static func cuts(_ problem: WinogradPlan.Problem, _ target: Target) -> [RegisterTile.Cut]
  {
    let lanes = target.lanes(.f32)
    let blocks = (problem.filters + lanes - 1) / lanes
    let width = problem.axes.last?.count.value ?? Self.usualWidth
    return RegisterTile.cuts(width: width, blocks: blocks, for: target)
  }

  /// Pixels of a row whose length is open.
  private static let usualWidth = 8

  private static func name(_ what: String, _ target: Target) -> String {
    "conv_\(what)__\(target.lanes(.f32) * 32)"
  }
}

extension WinogradPlan.Problem {
  /// Elements of the input, about.
  fileprivate var inputCount: Int {
    zip(axes, extents).reduce((batch ?? 1) * channels * groups.count) {
      $0 * $1.1 * $1.0.inputStride
    }
  }
}

extension WinogradPlan.Problem: CustomStringConvertible {
  /// All numbers of the problem; the same text for the same problem.
  package var description: String {
    let axes = axes.map { axis in
      "\(axis.count):\(axis.tapCount)/\(axis.inputStride)*\(axis.tapStep)"
    }
    let images = batch.map(String.init) ?? "N"
    return "conv f32 \(images)x\(groups.count)x\(groups.inputs)to\(groups.outputs) "
      + axes.joined(separator: " ")
  }
}
