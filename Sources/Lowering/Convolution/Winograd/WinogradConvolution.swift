import Diagnostics
import Loops
import Tensors

/// A 3 by 3 convolution of stride 1 by minimal filtering (Winograd), in blocked layout.
///
/// Every `m` by `m` tile of outputs is transformed input times transformed weights, point by point, summed over
/// input channels, and transformed back. Weights are transformed while the model runs: four times their
/// bytes would otherwise come from memory in every run, which takes longer than the arithmetic.
struct WinogradConvolution {
  let plan: WinogradPlan
  let axes: [ConvolutionAxis]
  let groups: ChannelGroups
  let input: Placed
  let sink: Sink
  let weights: ConvolutionWeights
  let bias: [Float]?
  let lanes: Int

  var transform: WinogradTransform { plan.transform }
  /// Products of a tile.
  var points: Int { transform.points * transform.points }
  /// Taps of a filter.
  let taps = WinogradTransform.taps * WinogradTransform.taps
  /// Input channels of a group.
  var channels: Int { groups.inputs }
  /// Blocks of a group's input channels; with one group the last perhaps with fewer than `lanes` of them.
  var channelBlocks: Int { (channels + lanes - 1) / lanes }
  /// Blocks of a group's output channels.
  var filterBlocks: Int { (groups.outputs + lanes - 1) / lanes }

  /// Tiles of all images in one row, image after image.
  var tileCount: IndexExpr { input.shape[0] * tilesPerImage }
  /// Blocks of `plan.tiles` tiles; the last may be short.
  var blockCount: IndexExpr { tileCount.ceilDiv(IndexExpr(plan.tiles)) }
  private var tilesPerImage: IndexExpr {
    axes.map { $0.tileCount(transform) * IndexExpr($0.tapStep) }.reduce(1, *)
  }

  /// Whether a convolution along these axes is one that minimal filtering can compute, and no dilated one whose taps
  /// mostly meet padding.
  static func claims(_ axes: [ConvolutionAxis], extents: [IndexExpr]) -> Bool {
    axes.count == 2
      && zip(axes, extents).allSatisfy { axis, extent in
        axis.tapCount == WinogradTransform.taps && axis.inputStride == 1 && axis.tapStep >= 1
          && (axis.tapStep == 1 || !axis.isWide(extent: extent))
      }
  }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let weights = packedWeights(context)
    let bias = packedBias(context)
    switch plan.schedule {
    case .blocks:
      try WinogradBlocks(convolution: self, weights: weights, bias: bias).lower(context)
    case .rows:
      try WinogradRows(convolution: self, weights: weights, bias: bias).lower(context)
    }
  }

  /// Image, first output row and first output column of a tile.
  ///
  /// The outputs of a dilated convolution that use the same inputs are as far apart as its taps: a tile holds rows and
  /// columns in steps of the dilation, and there are tiles for every phase.
  func position(
    _ tile: IndexExpr
  ) -> (image: IndexExpr, row: IndexExpr, column: IndexExpr) {
    let isAlone = input.shape[0] == 1
    var rest = isAlone ? tile : tile.mod(tilesPerImage)
    var starts: [IndexExpr] = []
    for axis in axes.reversed() {
      let (count, step) = (axis.tileCount(transform), IndexExpr(axis.tapStep))
      let phase = rest.mod(step)
      rest = rest.floorDiv(step)
      starts.append(rest.mod(count) * step * IndexExpr(transform.outputs) + phase)
      rest = rest.floorDiv(count)
    }
    return (isAlone ? 0 : tile.floorDiv(tilesPerImage), starts[1], starts[0])
  }

  /// The output at a row and a column of a tile.
  func output(
    _ place: (image: IndexExpr, row: IndexExpr, column: IndexExpr), channel: IndexExpr,
    _ row: IndexExpr, _ column: IndexExpr
  ) -> [IndexExpr] {
    [
      place.image, channel, place.row + row * IndexExpr(axes[0].tapStep),
      place.column + column * IndexExpr(axes[1].tapStep),
    ]
  }

  // MARK: Transformed values

  /// The shape of transformed values: for each point `count` vectors and one more.
  ///
  /// Without that one the points of a tile would lie a multiple of a page apart, and meet in one set of the cache.
  func pointwise(_ count: Int) -> [Int] { [points, count + 1, lanes] }

  /// The vector of a channel block and a tile among the values of a point.
  func vector(_ channelBlock: IndexExpr, _ tile: IndexExpr) -> IndexExpr {
    channelBlock * IndexExpr(plan.tiles) + tile
  }

  /// The vector and the lane of a channel and a tile among the transformed inputs of a point.
  func place(_ channel: IndexExpr, _ tile: IndexExpr) -> (vector: IndexExpr, lane: IndexExpr) {
    (vector(channel.floorDiv(IndexExpr(lanes)), tile), channel.mod(IndexExpr(lanes)))
  }

  /// The transform of a channel block's input, for all tiles of a block.
  func transformInput(
    _ builder: KernelBuilder, _ x: View, block: IndexExpr, channelBlock: IndexExpr,
    store: (_ point: IndexExpr, _ vector: IndexExpr, _ lane: IndexExpr, Expr) -> Statement
  ) throws(Diagnostic) -> [Statement] {
    try builder.loop("t", IndexExpr(plan.tiles)) { tile throws(Diagnostic) in
      // The last block repeats the last tile where it has none left; nothing reads what that gives.
      let place = position(.min(block * IndexExpr(plan.tiles) + tile, tileCount - 1))
      return try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
        var code = StraightLine(builder)
        let channel = IndexExpr(groups.firstInput) + channelBlock * IndexExpr(lanes) + lane
        let range = 0..<transform.points
        let window = range.map { row in
          range.map { column in
            code.named(
              x.load([
                place.image, channel, axes[0].input(place.row, tap: IndexExpr(row)),
                axes[1].input(place.column, tap: IndexExpr(column)),
              ]))
          }
        }
        let results = code.square(window) { transform.input($0, &$1) }
        for (number, value) in results.joined().enumerated() {
          code.append(store(IndexExpr(number), vector(channelBlock, tile), lane, value))
        }
        return code.statements
      }
    }
  }

  // MARK: Constants

  /// `[output block of all groups, input channel * 9 + tap, lane]`
  private func packedWeights(_ context: NodeLowering) -> Placed {
    let packing = PackedWeights(
      outputChannels: 0..<groups.count * filterBlocks * lanes, inputChannels: channels, chunk: 1,
      blocks: 1, lanes: lanes)
    let blocked = filterBlocks * lanes
    let packed = packing.pack(weights.tensor, taps: weights.tapOffsets(axes)) {
      [groups, weights] column, input in
      groups.place(group: column / blocked, output: column % blocked, input: input)
        .map { weights.place($0.output, $0.input) }
    }
    return context.packed(packed)
  }

  /// `[output block, lane]`
  private func packedBias(_ context: NodeLowering) -> Placed? {
    guard let bias else { return nil }
    let blocks = groups.count * filterBlocks
    var own = Array(bias.dropFirst(groups.firstOutput).prefix(blocks * lanes))
    own += Array(repeating: 0, count: blocks * lanes - own.count)
    return context.packed(Tensor(own, shape: [blocks, lanes]))
  }
}

extension ConvolutionAxis {
  /// How far the largest tiles reach beyond an input of `extent` elements, before and after.
  func tileHalo(extent: IndexExpr) -> Layout.Halo {
    var whole = self
    let largest = WinogradTransform.f4
    whole.count = tileCount(largest) * IndexExpr(largest.outputs * tapStep)
    return whole.halo(extent: extent)
  }

  /// Tiles of one phase of the dilation.
  func tileCount(_ transform: WinogradTransform) -> IndexExpr {
    count.ceilDiv(IndexExpr(tapStep)).ceilDiv(IndexExpr(transform.outputs))
  }
}
