import Diagnostics
import IR
import Loops
import Ops
import Tensors

/// A convolution of unsigned bytes with constant weights in matrix registers or register tiles, or channel by channel.
struct ByteConvolution {
  let axes: [ConvolutionAxis]
  let group: Int
  /// `[N, C, ...]`
  let shape: [IndexExpr]
  let channels: Int
  let constants: IntegerLayerConstants
  /// What is multiplied where every channel has its own window; nil for other convolutions.
  private let depthwise: TileArithmetic?

  /// Of a node whose image is input 0; nil for what other kernels have to compute.
  init?(
    _ op: some QuantizedConvolution, _ context: NodeLowering, isMultiplied: Bool
  ) throws(Diagnostic) {
    let x = try context.shape(0)
    let geometry = try op.geometry(x: x, w: context.shape(1))
    guard
      let constants = IntegerLayerConstants(
        context, isPerRow: true, isMultiplied: isMultiplied),
      let axes = geometry.convolutionAxes, let channels = x[1].value
    else { return nil }
    self.axes = axes
    self.group = op.group
    self.shape = x
    self.channels = channels
    self.constants = constants
    let areBytes = try context.element(0) == .u8 && constants.areSignedBytes
    depthwise = Self.depthwise(
      axes, constants,
      isOwn: group > 1 && group == channels && constants.channels == channels,
      areBytes: areBytes, context.target)
    guard depthwise != nil || (areBytes && (group == 1 || isWhole(context))) else { return nil }
    // Only a constant can be written beside an image.
    let spatial = Array(x.dropFirst(2))
    let overhangs = zip(axes, spatial).contains { axis, extent in
      let halo = axis.halo(extent: extent)
      return halo.before != 0 || halo.after != 0
    }
    if constants.inputZero == nil, overhangs { return nil }
  }

  /// - Parameters:
  ///   - isOwn: whether every group is one channel and one filter.
  ///   - areBytes: whether unsigned bytes meet signed ones.
  private static func depthwise(
    _ axes: [ConvolutionAxis], _ constants: IntegerLayerConstants, isOwn: Bool, areBytes: Bool,
    _ target: Target
  ) -> TileArithmetic? {
    guard isOwn else { return nil }
    if areBytes, depthwiseArithmetic(axes, target) == .byteQuads { return .byteQuads }
    return constants.areExactAsFloats ? .floats : nil
  }

  /// Four neighbours of a row at a time, where one instruction multiplies and adds them.
  private static func depthwiseArithmetic(
    _ axes: [ConvolutionAxis], _ target: Target
  ) -> TileArithmetic {
    target.hasDot4 && axes.last.map { $0.tapStep == 1 && $0.tapCount > 1 } == true
      ? .byteQuads : .floats
  }

  private func runs(_ context: NodeLowering) -> [ChannelGroups] {
    ChannelGroups.all(
      groups: group, channels: channels, filters: constants.channels, lanes: context.session.block)
  }

  /// Whether groups begin and end with a step of four channels.
  private func isWhole(_ context: NodeLowering) -> Bool {
    runs(context).allSatisfy { $0.inputs % 4 == 0 && $0.firstInput % 4 == 0 }
  }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    if let depthwise { return try lowerDepthwise(context, depthwise) }
    let registers = Self.matrixGeometry(axes, shape, group: group, context.target)
    let block = context.session.block
    let isNarrow = Self.isNarrow(channels, group: group)
    let extents = Array(shape.dropFirst(2))
    let mayFilter =
      context.session.options.winograd.transforms.contains(.f4) && constants.areExactWhenFiltered
      && Self.mayFilter(axes, shape, group: group, context.target)
    let runs = runs(context)
    let methods = runs.map { groups in
      ByteConvolutionTable(
        .init(axes: axes, batch: shape[0].value, groups: groups), registers, mayFilter: mayFilter,
        for: context.target
      ).choose(context)
    }
    let isFiltered = methods.contains { if case .filtered = $0 { true } else { false } }
    let input = try context.input(
      0, block: isNarrow ? Self.narrowBlock : block,
      halos: isFiltered
        ? WinogradConvolution.halos(axes, extents) : Self.halos(axes, extents, registers),
      fill: constants.inputZero ?? 0)
    let sink = try constants.corrected(context.output(block: block), context, channelAxis: 1)
    let bytes = ConvolutionWeights(constants.centred)
    for (groups, method) in zip(runs, methods) {
      switch method {
      case .tiled(let cut):
        try TiledConvolution(
          axes: axes, groups: groups, input: input, sink: sink, weights: bytes,
          constants: constants.sums,
          cut: cut, arithmetic: .byteQuads, reason: "bytes in fours"
        ).lower(context)
      case .filtered(let plan):
        context.note("\(plan.note), exact in integers")
        try WinogradConvolution(
          plan: plan, axes: axes, groups: groups, input: input, sink: sink, weights: bytes,
          constants: constants.sums, lanes: block
        ).lower(context)
      case .matrix:
        guard let registers else { throw .internal("lowering.matrix", "no registers fit") }
        try MatrixTileConvolution(
          geometry: registers, input: input, sink: sink, weights: bytes,
          filters: constants.channels, constants: constants.sums
        ).lower(context)
      }
    }
  }

  private func lowerDepthwise(
    _ context: NodeLowering, _ arithmetic: TileArithmetic
  ) throws(Diagnostic) {
    let block = context.session.block
    let isWhole = arithmetic == .byteQuads
    let how = isWhole ? "neighbours are bytes in fours" : "bytes are exact as floats"
    context.note("depthwise: lanes hold channels, \(how)")
    let extents = Array(shape.dropFirst(2))
    let strides = constants.centred.shape.rowMajorStrides
    let values = constants.centred.array(of: Float.self)
    let floats = constants.bias.map { Float($0) }
    var sink = try constants.corrected(context.output(block: block), context, channelAxis: 1)
    if constants.multipliers == nil, !isWhole {
      let adjustment = sink.adjustment
      sink.adjustment = { builder, position, sum in
        let whole = sum.converted(to: .i32)
        return adjustment?(builder, position, whole) ?? whole
      }
    }
    try DepthwiseConvolution(
      axes: axes, channels: constants.channels,
      input: context.input(
        0, block: block,
        halos: Layout.channelHalo + DepthwiseConvolution.halos(axes, extents, arithmetic),
        fill: constants.inputZero ?? 0),
      sink: sink,
      weight: { channel, kernel in
        values[channel * strides[0] + dot(kernel, strides.dropFirst(2))]
      },
      constants: SumConstants(
        bias: isWhole ? .integers(constants.bias) : .floats(floats),
        multipliers: constants.multipliers.map { .floats($0) }),
      arithmetic: arithmetic
    ).lower(context)
  }

  // MARK: Layouts

  /// Images of few channels lie in blocks of one step of four.
  private static func isNarrow(_ channels: Int, group: Int) -> Bool {
    channels <= narrowBlock && group == 1
  }
  private static let narrowBlock = 4

  /// Whether minimal filtering may be the fastest: where matrix registers are, they are faster.
  private static func mayFilter(
    _ axes: [ConvolutionAxis], _ x: [IndexExpr], group: Int, _ target: Target
  ) -> Bool {
    !target.hasMatrixTiles && WinogradConvolution.claims(axes, extents: Array(x.dropFirst(2)))
      && x[1].value.map { $0 / group >= target.lanes(.f32) } == true
  }

  /// How matrix registers compute it; nil where they cannot.
  private static func matrixGeometry(
    _ axes: [ConvolutionAxis], _ x: [IndexExpr], group: Int, _ target: Target
  ) -> MatrixTileGeometry? {
    guard target.hasMatrixTiles, group == 1, let channels = x[1].value else { return nil }
    let block =
      isNarrow(channels, group: group)
      ? narrowBlock : ByteBlocks.block(of: TensorType(.u8, x), for: target)
    return MatrixTileGeometry(
      axes, channels: channels, block: block, extents: Array(x.dropFirst(2)))
  }

  private static func halos(
    _ axes: [ConvolutionAxis], _ extents: [IndexExpr], _ geometry: MatrixTileGeometry?
  ) -> [Layout.Halo] {
    Layout.channelHalo
      + (geometry?.halos(extents: extents) ?? zip(axes, extents).map { $0.halo(extent: $1) })
  }

  /// The halo that the kernels of such a convolution want.
  static func halos(
    _ op: some QuantizedConvolution, _ shape: [IndexExpr], weights: [IndexExpr]?,
    for target: Target
  ) -> [Layout.Halo]? {
    guard let weights, let geometry = try? op.geometry(x: shape, w: weights),
      let axes = geometry.convolutionAxes
    else { return nil }
    let extents = Array(shape.dropFirst(2))
    if op.group > 1, weights[1] == 1, weights[0] == shape[1] {
      return Layout.channelHalo
        + DepthwiseConvolution.halos(axes, extents, depthwiseArithmetic(axes, target))
    }
    return mayFilter(axes, shape, group: op.group, target)
      ? WinogradConvolution.halos(axes, extents)
      : halos(axes, extents, matrixGeometry(axes, shape, group: op.group, target))
  }
}
