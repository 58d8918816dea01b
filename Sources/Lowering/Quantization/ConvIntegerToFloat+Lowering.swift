package import Diagnostics
import IR
package import Loops
package import Ops
package import Tensors

extension ConvIntegerToFloat: Lowerable, HaloDemanding {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, w) = try (context.shape(0), context.shape(1))
    let geometry = try geometry(x: x, w: w)
    try context.requireConvolution(0, 1, bias: 5, group: group, geometry.axes)
    try context.require(2, oneOr: 1)
    for index in [3, 4] { try context.require(index, oneOr: w[0]) }
    guard let constants = IntegerLayerConstants(context, isPerRow: true),
      let axes = geometry.convolutionAxes, let channels = x[1].value
    else { return try lowerByElements(context, geometry) }
    if group == channels, constants.channels == channels, group > 1 {
      let isByte = try context.element(0) == .u8 && constants.areSignedBytes
      let arithmetic = isByte ? Self.depthwiseArithmetic(axes, context.target) : .floats
      if arithmetic == .byteQuads || constants.areExactAsFloats {
        return try lowerDepthwise(context, axes, constants, arithmetic)
      }
    }
    let lanes = context.session.block
    let runs = ChannelGroups.all(
      groups: group, channels: channels, filters: constants.channels, lanes: lanes)
    let isWhole = runs.allSatisfy { $0.inputs % 4 == 0 && $0.firstInput % 4 == 0 }
    let isUnsigned = try context.element(0) == .u8
    guard constants.areSignedBytes, isUnsigned, group == 1 || isWhole else {
      return try lowerByElements(context, geometry)
    }
    let registers = matrixGeometry(axes, x, context.target)
    let extents = Array(x.dropFirst(2))
    let mayFilter =
      context.session.options.winograd.transforms.contains(.f4) && constants.areExactWhenFiltered
      && mayFilter(axes, x, context.target)
    let methods = runs.map { groups in
      ByteConvolutionTable(
        .init(axes: axes, batch: x[0].value, groups: groups), registers, mayFilter: mayFilter,
        for: context.target
      ).choose(context)
    }
    let isFiltered = methods.contains { if case .filtered = $0 { true } else { false } }
    let input = try context.input(
      0, block: isNarrow(channels) ? Self.narrowBlock : lanes,
      halos: isFiltered
        ? WinogradConvolution.halos(axes, extents) : Self.halos(axes, extents, registers),
      fill: constants.inputZero)
    let sink = try context.output(block: lanes)
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
          constants: constants.sums, lanes: lanes
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

  /// Images of few channels lie in blocks of one step of four.
  private func isNarrow(_ channels: Int) -> Bool { channels <= Self.narrowBlock && group == 1 }
  private static let narrowBlock = 4

  /// Whether minimal filtering may be the fastest: where matrix registers are, they are faster.
  private func mayFilter(
    _ axes: [ConvolutionAxis], _ x: [IndexExpr], _ target: Target
  ) -> Bool {
    !target.hasMatrixTiles && WinogradConvolution.claims(axes, extents: Array(x.dropFirst(2)))
      && x[1].value.map { $0 / group >= target.lanes(.f32) } == true
  }

  /// How matrix registers compute it; nil where they cannot.
  private func matrixGeometry(
    _ axes: [ConvolutionAxis], _ x: [IndexExpr], _ target: Target
  ) -> MatrixTileGeometry? {
    guard target.hasMatrixTiles, group == 1, let channels = x[1].value else { return nil }
    let block =
      isNarrow(channels)
      ? Self.narrowBlock : ByteBlocks.block(of: TensorType(.u8, x), for: target)
    return MatrixTileGeometry(
      axes, channels: channels, block: block, extents: Array(x.dropFirst(2)))
  }

  private func lowerDepthwise(
    _ context: NodeLowering, _ axes: [ConvolutionAxis], _ constants: IntegerLayerConstants,
    _ arithmetic: TileArithmetic
  ) throws(Diagnostic) {
    let block = context.session.block
    let extents = Array(try context.shape(0).dropFirst(2))
    let how =
      arithmetic == .byteQuads ? "neighbours are bytes in fours" : "bytes are exact as floats"
    context.note("depthwise: lanes hold channels, \(how)")
    let floats = constants.bias.map { Float($0) }
    let strides = constants.centred.shape.rowMajorStrides
    let values = constants.centred.array(of: Float.self)
    try DepthwiseConvolution(
      axes: axes, channels: constants.channels,
      input: context.input(
        0, block: block,
        halos: Layout.channelHalo + DepthwiseConvolution.halos(axes, extents, arithmetic),
        fill: constants.inputZero),
      sink: context.output(block: block),
      weight: { channel, kernel in
        values[channel * strides[0] + dot(kernel, strides.dropFirst(2))]
      },
      constants: SumConstants(
        bias: arithmetic == .byteQuads ? .integers(constants.bias) : .floats(floats),
        multipliers: .floats(constants.multipliers)),
      arithmetic: arithmetic
    ).lower(context)
  }

  /// Four neighbours of a row at a time, where one instruction multiplies and adds them.
  private static func depthwiseArithmetic(
    _ axes: [ConvolutionAxis], _ target: Target
  ) -> TileArithmetic {
    target.hasDot4 && axes.last.map { $0.tapStep == 1 && $0.tapCount > 1 } == true
      ? .byteQuads : .floats
  }

  /// Whatever the other kernels do not claim.
  private func lowerByElements(
    _ context: NodeLowering, _ geometry: WindowGeometry
  ) throws(Diagnostic) {
    context.note("element by element: weights are computed, wider than a byte, or a size is open")
    let multiplier = try context.plain(4)
    let bias = context.hasInput(5) ? try context.plain(5) : nil
    try IntegerConvolution(
      group: group, axes: geometry.axes, input: context.plain(0), weights: context.plain(1),
      inputZero: context.plain(2), weightZero: context.plain(3)
    ).lower(context) { builder, filter, sum in
      let total = bias.map { sum.plus(builder.view($0).load([filter])) } ?? sum
      return total.converted(to: .f32).times(perFilter(builder, multiplier, filter))
    }
  }

  private static func halos(
    _ axes: [ConvolutionAxis], _ extents: [IndexExpr], _ geometry: MatrixTileGeometry?
  ) -> [Layout.Halo] {
    Layout.channelHalo
      + (geometry?.halos(extents: extents) ?? zip(axes, extents).map { $0.halo(extent: $1) })
  }

  package func inputHalos(
    _ shape: [IndexExpr], weights: [IndexExpr]?, for target: Target
  ) -> [Layout.Halo]? {
    guard let weights, let geometry = try? geometry(x: shape, w: weights),
      let axes = geometry.convolutionAxes
    else { return nil }
    let extents = Array(shape.dropFirst(2))
    if group > 1, weights[1] == 1, weights[0] == shape[1] {
      return Layout.channelHalo
        + DepthwiseConvolution.halos(axes, extents, Self.depthwiseArithmetic(axes, target))
    }
    return mayFilter(axes, shape, target)
      ? WinogradConvolution.halos(axes, extents)
      : Self.halos(axes, extents, matrixGeometry(axes, shape, target))
  }

  /// Padding is zero less the zero point.
  package var fillInput: Int? { 2 }
}
