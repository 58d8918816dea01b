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
    let isUnsigned = try context.element(0) == .u8
    guard
      isDepthwise || (constants.areSignedBytes && isUnsigned && (group == 1 || isWhole(context)))
    else { return nil }
    // Only a constant can be written beside an image.
    let spatial = Array(x.dropFirst(2))
    let overhangs = zip(axes, spatial).contains { axis, extent in
      let halo = axis.halo(extent: extent)
      return halo.before != 0 || halo.after != 0
    }
    if constants.inputZero == nil, overhangs { return nil }
  }

  private var isDepthwise: Bool {
    group == channels && constants.channels == channels && group > 1 && constants.areExactAsFloats
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
    if isDepthwise { return try lowerDepthwise(context) }
    let registers = Self.matrixGeometry(axes, shape, group: group, context.target)
    let block = context.session.block
    let isNarrow = Self.isNarrow(channels, group: group)
    let input = try context.input(
      0, block: isNarrow ? Self.narrowBlock : block,
      halos: Self.halos(axes, Array(shape.dropFirst(2)), registers),
      fill: constants.inputZero ?? 0)
    let sink = try constants.corrected(context.output(block: block), context, channelAxis: 1)
    let bytes = ConvolutionWeights(constants.centred)
    for groups in runs(context) {
      let problem = WinogradPlan.Problem(axes: axes, batch: shape[0].value, groups: groups)
      switch ByteConvolutionTable(problem, registers, for: context.target).choose(context) {
      case .tiled(let cut):
        try TiledConvolution(
          axes: axes, groups: groups, input: input, sink: sink, weights: bytes,
          constants: constants.sums,
          cut: cut, arithmetic: .byteQuads, reason: "bytes in fours"
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

  private func lowerDepthwise(_ context: NodeLowering) throws(Diagnostic) {
    let block = context.session.block
    context.note("depthwise: lanes hold channels, bytes are exact as floats")
    let strides = constants.centred.shape.rowMajorStrides
    let values = constants.centred.array(of: Float.self)
    var sink = try constants.corrected(context.output(block: block), context, channelAxis: 1)
    if constants.multipliers == nil {
      let adjustment = sink.adjustment
      sink.adjustment = { builder, position, sum in
        let whole = sum.converted(to: .i32)
        return adjustment?(builder, position, whole) ?? whole
      }
    }
    try DepthwiseConvolution(
      axes: axes, channels: constants.channels,
      input: context.input(
        0, block: block, halos: Self.halos(axes, Array(shape.dropFirst(2)), nil),
        fill: constants.inputZero ?? 0),
      sink: sink,
      weight: { channel, kernel in
        values[channel * strides[0] + dot(kernel, strides.dropFirst(2))]
      },
      bias: constants.bias.map { Float($0) }, multipliers: constants.multipliers
    ).lower(context)
  }

  // MARK: Layouts

  /// Images of few channels lie in blocks of one step of four.
  private static func isNarrow(_ channels: Int, group: Int) -> Bool {
    channels <= narrowBlock && group == 1
  }
  private static let narrowBlock = 4

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
    return halos(
      axes, Array(shape.dropFirst(2)), matrixGeometry(axes, shape, group: op.group, target))
  }
}
