package import Diagnostics
package import Loops
package import Ops
package import Tensors

extension Conv: Lowerable, HaloDemanding {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let geometry = try geometry(x: x, w: w)
    try context.requireConvolution(0, 1, bias: 2, group: group, geometry.axes)
    guard let axes = geometry.convolutionAxes else {
      context.note("scalar: the window's size is open")
      return try OpenWindowConvolution(
        axes: geometry.axes, group: group, input: context.plain(0), weights: context.plain(1),
        bias: context.hasInput(2) ? context.plain(2) : nil, sink: context.output(),
        isTransposed: false
      ).lower(context)
    }
    guard let weights = context.constant(1), weights.type == .f32, let channels = x[1].value,
      !context.hasInput(2) || context.constant(2) != nil
    else {
      let sink = try context.output()
      context.note("scalar: weights are computed, or a size is open")
      return try DirectConvolution(
        axes: axes, kernel: axes.map(\.tapCount), group: group, input: context.plain(0),
        weights: context.plain(1), bias: context.hasInput(2) ? context.plain(2) : nil,
        sink: sink, isTransposed: false
      ).lower(context)
    }
    let bias = context.constant(2)?.array(of: Float.self)
    let filters = weights.shape[0]
    let block = context.session.block
    let extents = Array(x.dropFirst(2))
    if group == channels, filters == channels, group > 1 {
      let halos = Self.halos(axes, extents, isDepthwise: true)
      context.note("depthwise: lanes hold channels")
      let input = try context.input(0, block: block, halos: halos)
      let values = weights.array(of: Float.self)
      let strides = weights.shape.rowMajorStrides
      return try DepthwiseConvolution(
        axes: axes, channels: channels, input: input, sink: context.output(block: block),
        weight: { channel, kernel in
          values[channel * strides[0] + dot(kernel, strides.dropFirst(2))]
        },
        constants: SumConstants(bias: bias.map { .floats($0) })
      ).lower(context)
    }
    let own = ConvolutionWeights(weights)
    let runs = ChannelGroups.all(groups: group, channels: channels, filters: filters, lanes: block)
    let moves = runs.count == 1 && runs[0].count == 1 ? try planarMoves(context) : nil
    let choices = runs.map { groups in
      choice(
        .init(axes: axes, batch: x[0].value, groups: groups), extents: extents, own,
        planarMoves: moves, context)
    }
    if case .planar(let cut) = choices[0].row.method {
      context.note(choices[0].note)
      return try PlanarConvolution(
        axes: axes, groups: runs[0], input: PlanarInput(axes, context), sink: context.rowOutput(),
        weights: own, bias: bias, cut: cut, reason: choices[0].note
      ).lower(context)
    }
    let isFiltered = choices.contains { $0.row.plan != nil }
    // Images of few channels are read as they are: blocks would be mostly empty.
    let isNarrow = channels < block && !context.isBlocked(0) && group == 1
    let input = try context.input(
      0, block: isNarrow && !isFiltered ? nil : block,
      halos: isFiltered
        ? WinogradConvolution.halos(axes, extents) : Self.halos(axes, extents, isDepthwise: false))
    // Minimal filtering has whole windows at hand, and neighbours only without dilation.
    let isPoolable =
      choices.allSatisfy { $0.row.plan != nil } && axes.allSatisfy { $0.tapStep == 1 }
    let pooled = isPoolable ? try context.pooledOutput(block: block) : nil
    let sink = if let pooled { pooled } else { try context.output(block: block) }
    for (groups, choice) in zip(runs, choices) {
      context.note(choice.note)
      switch choice.row.method {
      case .filtered(let plan):
        try WinogradConvolution(
          plan: plan, axes: axes, groups: groups, input: input, sink: sink, weights: own,
          constants: SumConstants(bias: bias.map { .floats($0) }), lanes: block
        ).lower(context)
      case .direct(let cut), .paired(let cut):
        var tiled = TiledConvolution(
          axes: axes, groups: groups, input: input, sink: sink, weights: own,
          constants: SumConstants(bias: bias.map { .floats($0) }), cut: cut, reason: choice.note)
        if case .paired = choice.row.method { tiled.arithmetic = .bfloatPairs }
        try tiled.lower(context)
      case .planar:
        throw .internal("lowering.planar", "some groups in rows, others in blocks")
      }
    }
  }

  private func choice(
    _ problem: WinogradPlan.Problem, extents: [IndexExpr], _ weights: ConvolutionWeights,
    planarMoves: Int?, _ context: NodeLowering
  ) -> ConvolutionChoice {
    let made = ConvolutionChoice.make(
      problem, extents: extents, weights: weights, planarMoves: planarMoves,
      context.session.options, for: context.target)
    context.record(
      problem: problem.description, rows: made.rows.map { .init(name: $0.name, cost: $0.cost) },
      chosen: made.row.name)
    return made
  }

  /// Elements that have to leave their blocks for a convolution in rows, and to enter some behind it; nil where their
  /// number is open.
  private func planarMoves(_ context: NodeLowering) throws(Diagnostic) -> Int? {
    let (inputs, outputs) = (try context.shape(0), try context.outputShape())
    guard inputs.dropFirst().allSatisfy(\.isConstant),
      outputs.dropFirst().allSatisfy(\.isConstant)
    else { return nil }
    // An open number of images multiplies everything alike.
    let count = { (shape: [IndexExpr]) in
      shape.dropFirst().compactMap(\.value).reduce(shape[0].value ?? 1, *)
    }
    return (context.isBlocked(0) && !context.isInRows(0) ? count(inputs) : 0)
      + (context.prefersBlocks() ? count(outputs) : 0)
  }

  package func rowHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]? {
    guard group == 1, let weights, let geometry = try? geometry(x: shape, w: weights),
      let last = geometry.axes.last, last.stride == 1, let axis = last.convolution
    else { return nil }
    let extents = Array(shape.dropFirst(2))
    return PlanarInput.halos(extents.dropLast().map { _ in axis } + [axis], extents)
  }

  package func inputHalos(
    _ shape: [IndexExpr], weights: [IndexExpr]?, for target: Target
  ) -> [Layout.Halo]? {
    guard let weights, let geometry = try? geometry(x: shape, w: weights),
      let axes = geometry.convolutionAxes
    else { return nil }
    let extents = Array(shape.dropFirst(2))
    // Depthwise convolutions have no sums over channels that would pay for transforms.
    let isDepthwise = weights[1] == 1
    if !isDepthwise, WinogradConvolution.claims(axes, extents: extents) {
      return WinogradConvolution.halos(axes, extents)
    }
    return Self.halos(axes, extents, isDepthwise: isDepthwise)
  }

  /// Rows of taps outside the input are passed over by register tiles where windows are wide: only columns need zeros.
  private static func halos(
    _ axes: [ConvolutionAxis], _ extents: [IndexExpr], isDepthwise: Bool
  ) -> [Layout.Halo] {
    Layout.channelHalo
      + zip(axes, extents).enumerated().map { number, pair in
        let isPassedOver =
          !isDepthwise && number < axes.count - 1 && pair.0.isWide(extent: pair.1)
        return isPassedOver
          ? Layout.Halo(before: 0, after: 0) : pair.0.halo(extent: pair.1)
      }
  }
}

extension Layout {
  /// No halo on the batch and channel axes.
  static let channelHalo = [Halo(before: 0, after: 0), Halo(before: 0, after: 0)]
}

/// The distance of a position, given strides.
func dot(_ position: [Int], _ strides: ArraySlice<Int>) -> Int {
  zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }
}
