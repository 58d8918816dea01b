import IR
import Loops
import Ops
import Tensors

/// Where the images of such convolutions lie, and what is around them.
extension ByteConvolution {
  /// Images of few channels lie in blocks of one step of four.
  var isNarrow: Bool { Self.isNarrow(channels, group: group) }
  static func isNarrow(_ channels: Int, group: Int) -> Bool {
    channels <= narrowBlock && group == 1
  }
  static let narrowBlock = 4

  /// Whether minimal filtering may be the fastest: where matrix registers are, they are faster.
  static func mayFilter(
    _ axes: [ConvolutionAxis], _ x: [IndexExpr], group: Int, _ target: Target
  ) -> Bool {
    !target.hasMatrixTiles && WinogradConvolution.claims(axes, extents: Array(x.dropFirst(2)))
      && x[1].value.map { $0 / group >= target.lanes(.f32) } == true
  }

  /// How matrix registers compute it; nil where they cannot.
  static func matrixGeometry(
    _ axes: [ConvolutionAxis], _ x: [IndexExpr], group: Int, _ target: Target
  ) -> MatrixTileGeometry? {
    guard target.hasMatrixTiles, group == 1, let channels = x[1].value else { return nil }
    let block =
      isNarrow(channels, group: group)
      ? narrowBlock : ByteBlocks.block(of: TensorType(.u8, x), for: target)
    return MatrixTileGeometry(
      axes, channels: channels, block: block, extents: Array(x.dropFirst(2)))
  }

  static func halos(
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
    let isOwn = op.group > 1 && weights[1] == 1 && weights[0] == shape[1]
    return halos(axes, shape, group: op.group, isOwn: isOwn, for: target)
  }

  /// - Parameter isOwn: whether every group is one channel and one filter.
  static func halos(
    _ axes: [ConvolutionAxis], _ shape: [IndexExpr], group: Int, isOwn: Bool, for target: Target
  ) -> [Layout.Halo] {
    let extents = Array(shape.dropFirst(2))
    if isOwn {
      return Layout.channelHalo
        + DepthwiseConvolution.halos(axes, extents, depthwiseArithmetic(axes, target))
    }
    return mayFilter(axes, shape, group: group, target)
      ? WinogradConvolution.halos(axes, extents)
      : halos(axes, extents, matrixGeometry(axes, shape, group: group, target))
  }
}
