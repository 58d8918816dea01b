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
  let channels: Int
  let filters: Int
  let input: Placed
  let sink: Sink
  /// The weight for an output channel, an input channel and a kernel position.
  let weight: (_ output: Int, _ input: Int, _ kernel: [Int]) -> Float
  let bias: [Float]?
  let lanes: Int

  var transform: WinogradTransform { plan.transform }
  /// Products of a tile.
  var points: Int { transform.points * transform.points }
  /// Taps of a filter.
  let taps = WinogradTransform.taps * WinogradTransform.taps
  /// Blocks of input channels, the last perhaps with fewer than `lanes` of them.
  var channelBlocks: Int { (channels + lanes - 1) / lanes }
  var filterBlocks: Int { (filters + lanes - 1) / lanes }

  /// Tiles of all images in one row, image after image.
  var tileCount: IndexExpr { input.shape[0] * tileRows * tileColumns }
  /// Blocks of `plan.tiles` tiles; the last may be short.
  var blockCount: IndexExpr { tileCount.ceilDiv(IndexExpr(plan.tiles)) }
  private var tileRows: IndexExpr { axes[0].count.ceilDiv(IndexExpr(transform.outputs)) }
  private var tileColumns: IndexExpr { axes[1].count.ceilDiv(IndexExpr(transform.outputs)) }

  /// Whether a convolution of one group along these axes is one that minimal filtering can compute.
  static func claims(_ axes: [ConvolutionAxis]) -> Bool {
    axes.count == 2
      && axes.allSatisfy {
        $0.tapCount == WinogradTransform.taps && $0.inputStride == 1 && $0.tapStep == 1
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
  func position(
    _ tile: IndexExpr
  ) -> (image: IndexExpr, row: IndexExpr, column: IndexExpr) {
    let m = IndexExpr(transform.outputs)
    let perImage = tileRows * tileColumns
    let isAlone = input.shape[0] == 1
    let inImage = isAlone ? tile : tile.mod(perImage)
    return (
      isAlone ? 0 : tile.floorDiv(perImage),
      inImage.floorDiv(tileColumns) * m, inImage.mod(tileColumns) * m
    )
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
        let channel = channelBlock * IndexExpr(lanes) + lane
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

  /// `[output block, input channel * 9 + tap, lane]`
  private func packedWeights(_ context: NodeLowering) -> Placed {
    let size = WinogradTransform.taps
    let packing = PackedWeights(
      outputChannels: 0..<filters, inputChannels: channels, chunk: 1, blocks: 1, lanes: lanes)
    return context.packed(
      packing.pack(taps: taps) { weight($0, $1, [$2 / size, $2 % size]) })
  }

  /// `[output block, lane]`
  private func packedBias(_ context: NodeLowering) -> Placed? {
    guard let bias else { return nil }
    let missing = filterBlocks * lanes - filters
    return context.packed(
      Tensor(bias + Array(repeating: 0, count: missing), shape: [filterBlocks, lanes]))
  }
}

extension ConvolutionAxis {
  /// How far the largest tiles reach beyond an input of `extent` elements, before and after.
  func tileHalo(extent: IndexExpr) -> Layout.Halo {
    var whole = self
    let m = IndexExpr(WinogradTransform.f4.outputs)
    whole.count = count.ceilDiv(m) * m
    return whole.halo(extent: extent)
  }
}
