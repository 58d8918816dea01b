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
    let geometry = try op.geometry(x: context.shape(0), w: context.shape(1))
    guard let weights = context.constant(1), let axes = geometry.convolutionAxes else { return nil }
    try self.init(axes, group: op.group, weights: weights, context, isMultiplied: isMultiplied)
  }

  /// - Parameter weights: `[M, C / group, ...]`, as long as the axes have taps.
  init?(
    _ axes: [ConvolutionAxis], group: Int, weights: Tensor, _ context: NodeLowering,
    isMultiplied: Bool
  ) throws(Diagnostic) {
    let x = try context.shape(0)
    guard
      let constants = IntegerLayerConstants(
        weights, context, isPerRow: true, isMultiplied: isMultiplied),
      let channels = x[1].value
    else { return nil }
    self.axes = axes
    self.group = group
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
  static func depthwiseArithmetic(
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

  func lower(_ context: NodeLowering) throws(Diagnostic) { try Self.lower([self], context) }

  /// Convolutions of one image that each compute some of the outputs' places.
  static func lower(
    _ parts: [ByteConvolution], _ context: NodeLowering
  ) throws(Diagnostic) {
    let block = context.session.block
    guard let first = parts.first else {
      _ = try context.output(block: block)
      return
    }
    let plans = parts.map { $0.plan(context) }
    let input = try context.input(
      0, block: first.depthwise == nil && first.isNarrow ? narrowBlock : block,
      halos: plans.reduce([]) { GraphLowering.union($0, $1.halos) },
      fill: first.constants.inputZero ?? 0)
    let output = try context.output(block: block)
    for (part, plan) in zip(parts, plans) {
      let sink = try part.constants.corrected(output, context, channelAxis: 1)
      try part.lower(context, plan, input, sink)
    }
  }

  /// How it is computed.
  private struct Plan {
    /// The kernel for every run of groups; none where every channel has its own window.
    var runs: [(groups: ChannelGroups, method: ByteConvolutionTable.Method)] = []
    /// How matrix registers would do it; nil where they cannot.
    var registers: MatrixTileGeometry?
    /// What kernels read around the image.
    var halos: [Layout.Halo]
  }

  private func plan(_ context: NodeLowering) -> Plan {
    let extents = Array(shape.dropFirst(2))
    if let depthwise {
      return Plan(
        halos: Layout.channelHalo + DepthwiseConvolution.halos(axes, extents, depthwise))
    }
    let registers = Self.matrixGeometry(axes, shape, group: group, context.target)
    let mayFilter =
      context.session.options.winograd.transforms.contains(.f4) && constants.areExactWhenFiltered
      && Self.mayFilter(axes, shape, group: group, context.target)
    let runs = runs(context).map { groups in
      let table = ByteConvolutionTable(
        .init(axes: axes, batch: shape[0].value, groups: groups), registers, mayFilter: mayFilter,
        for: context.target)
      return (groups, table.choose(context))
    }
    let isFiltered = runs.contains { if case .filtered = $0.1 { true } else { false } }
    return Plan(
      runs: runs, registers: registers,
      halos: isFiltered
        ? WinogradConvolution.halos(axes, extents) : Self.halos(axes, extents, registers))
  }

  private func lower(
    _ context: NodeLowering, _ plan: Plan, _ input: Placed, _ sink: Sink
  ) throws(Diagnostic) {
    if let depthwise { return try lowerDepthwise(context, depthwise, input, sink) }
    let bytes = ConvolutionWeights(constants.centred)
    for (groups, method) in plan.runs {
      switch method {
      case .tiled(let cut):
        try TiledConvolution(
          axes: axes, groups: groups, input: input, sink: sink, weights: bytes,
          constants: constants.sums,
          cut: cut, arithmetic: .byteQuads, reason: "bytes in fours"
        ).lower(context)
      case .filtered(let filtering):
        context.note("\(filtering.note), exact in integers")
        try WinogradConvolution(
          plan: filtering, axes: axes, groups: groups, input: input, sink: sink, weights: bytes,
          constants: constants.sums, lanes: context.session.block
        ).lower(context)
      case .matrix:
        guard let registers = plan.registers else {
          throw .internal("lowering.matrix", "no registers fit")
        }
        try MatrixTileConvolution(
          geometry: registers, input: input, sink: sink, weights: bytes,
          filters: constants.channels, constants: constants.sums
        ).lower(context)
      }
    }
  }

  private func lowerDepthwise(
    _ context: NodeLowering, _ arithmetic: TileArithmetic, _ input: Placed, _ sink: Sink
  ) throws(Diagnostic) {
    let isWhole = arithmetic == .byteQuads
    let how = isWhole ? "neighbours are bytes in fours" : "bytes are exact as floats"
    context.note("depthwise: lanes hold channels, \(how)")
    let strides = constants.centred.shape.rowMajorStrides
    let values = constants.centred.array(of: Float.self)
    let floats = constants.bias.map { Float($0) }
    var sink = sink
    if constants.multipliers == nil, !isWhole {
      let adjustment = sink.adjustment
      sink.adjustment = { builder, position, sum in
        let whole = sum.converted(to: .i32)
        return adjustment?(builder, position, whole) ?? whole
      }
    }
    try DepthwiseConvolution(
      axes: axes, channels: constants.channels, input: input, sink: sink,
      weight: { channel, kernel in
        values[channel * strides[0] + dot(kernel, strides.dropFirst(2))]
      },
      constants: SumConstants(
        bias: isWhole ? .integers(constants.bias) : .floats(floats),
        multipliers: constants.multipliers.map { .floats($0) }),
      arithmetic: arithmetic
    ).lower(context)
  }
}
