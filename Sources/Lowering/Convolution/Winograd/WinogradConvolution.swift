import Diagnostics
import Loops
import Tensors

/// A convolution of stride 1 with 3 by 3 taps along its last two axes by minimal filtering (Winograd), in blocked layout.
///
/// A third axis, depth, is summed over directly: its taps count as input channels, each of another plane.
///
/// Every `m` by `m` tile of outputs is transformed input times transformed weights, point by point, summed over
/// input channels, and transformed back. Weights are transformed while the model runs: four times their
/// bytes (of 8-bit weights eight times) would otherwise come from memory in every run, which takes longer than the
/// arithmetic.
///
/// Register tiles add the products of one or more channels in a step. What they read in a step is one element: a number, or
/// a word of neighbouring 16-bit integers.
struct WinogradConvolution {
  let plan: WinogradPlan
  let axes: [ConvolutionAxis]
  let groups: ChannelGroups
  let input: Placed
  let sink: Sink
  let weights: ConvolutionWeights
  let constants: SumConstants
  let lanes: Int

  var transform: WinogradTransform { plan.transform }
  /// The two axes along which outputs are filtered.
  var planeAxes: [ConvolutionAxis] { axes.suffix(2) }
  /// The axis that is summed over directly, where there is one.
  var depthAxis: ConvolutionAxis? { axes.count > 2 ? axes[0] : nil }
  var depthTaps: Int { depthAxis?.tapCount ?? 1 }
  /// What a sum has one product of for every point: a group's input channels, for every depth tap.
  ///
  /// In chunks of `lanes` channels; of a chunk all channels for the first depth tap, then all for the next.
  var terms: Int { channels * depthTaps }
  /// The terms that register tiles add in one step.
  var stepTerms: Int { transform.arithmetic.terms }
  var steps: Int { terms / stepTerms }
  /// Steps of the terms of one block of channels.
  var blockSteps: Int { lanes / stepTerms }
  /// Weights of a step in a vector: those of an output channel side by side.
  var weightLanes: Int { lanes * stepTerms }

  /// Products of a tile.
  var points: Int { transform.points * transform.points }
  /// Taps of a filter.
  let taps = WinogradTransform.taps * WinogradTransform.taps
  /// Input channels of a group, and zeros up to whole steps.
  var channels: Int { (groups.inputs + stepTerms - 1) / stepTerms * stepTerms }
  /// Blocks of a group's input channels; with one group the last perhaps with fewer than `lanes` of them.
  var channelBlocks: Int { (channels + lanes - 1) / lanes }
  /// Blocks of a group's output channels.
  var filterBlocks: Int { (groups.outputs + lanes - 1) / lanes }

  /// Tiles of one plane of every image in one row, image after image.
  var tileCount: IndexExpr { input.shape[0] * tilesPerPlane }
  private var tilesPerPlane: IndexExpr {
    planeAxes.map { $0.tileCount(transform) * IndexExpr($0.tapStep) }.reduce(1, *)
  }
  /// Output planes of an image.
  var planeCount: IndexExpr { depthAxis?.count ?? 1 }
  /// Blocks of `plan.columns` tiles by `plan.planes` planes; the last of either may be short.
  var blockCount: IndexExpr { tileCount.ceilDiv(IndexExpr(plan.columns)) * planeBlocks }
  private var planeBlocks: IndexExpr { planeCount.ceilDiv(IndexExpr(plan.planes)) }

  /// The first tile and the first output plane of a block.
  func start(ofBlock block: IndexExpr) -> (tile: IndexExpr, plane: IndexExpr) {
    (
      block.floorDiv(planeBlocks) * IndexExpr(plan.columns),
      block.mod(planeBlocks) * IndexExpr(plan.planes)
    )
  }

  /// Tiles that a block's products read: more planes of them than of outputs.
  var inputTiles: Int { plan.columns * (plan.planes + reach) }
  /// How many planes of input lie between an output's first and its last.
  private var reach: Int { (depthTaps - 1) * (depthAxis?.tapStep ?? 1) }

  /// Whether a convolution along these axes is one that minimal filtering can compute, and no dilated one whose taps
  /// mostly meet padding.
  static func claims(_ axes: [ConvolutionAxis], extents: [IndexExpr]) -> Bool {
    let isPlane = zip(axes, extents).suffix(2).allSatisfy { axis, extent in
      axis.tapCount == WinogradTransform.taps && axis.inputStride == 1 && axis.tapStep >= 1
        && axis.outputStride == 1
        && (axis.tapStep == 1 || axis.fillsTiles(extent: extent))
    }
    guard isPlane, axes.count == 3 else { return isPlane && axes.count == 2 }
    return axes[0].inputStride == 1 && axes[0].tapStep >= 1 && axes[0].tapCount > 0
  }

  /// What tiles read around an input, batch and channels first.
  static func halos(_ axes: [ConvolutionAxis], _ extents: [IndexExpr]) -> [Layout.Halo] {
    Layout.channelHalo
      + zip(axes, extents).enumerated().map { number, pair in
        number < axes.count - 2
          ? pair.0.halo(extent: pair.1) : pair.0.tileHalo(extent: pair.1)
      }
  }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let weights = packedWeights(context)
    switch plan.schedule {
    case .blocks: try WinogradBlocks(convolution: self, weights: weights).lower(context)
    case .rows: try WinogradRows(convolution: self, weights: weights).lower(context)
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
    var rest = isAlone ? tile : tile.mod(tilesPerPlane)
    var starts: [IndexExpr] = []
    for axis in planeAxes.reversed() {
      let (count, step) = (axis.tileCount(transform), IndexExpr(axis.tapStep))
      let phase = rest.mod(step)
      rest = rest.floorDiv(step)
      starts.append(rest.mod(count) * step * IndexExpr(transform.outputs) + phase)
      rest = rest.floorDiv(count)
    }
    return (isAlone ? 0 : tile.floorDiv(tilesPerPlane), starts[1], starts[0])
  }

  /// The output at a row and a column of a tile in a plane.
  func output(
    _ place: (image: IndexExpr, row: IndexExpr, column: IndexExpr), plane: IndexExpr,
    channel: IndexExpr, _ row: IndexExpr, _ column: IndexExpr
  ) -> [IndexExpr] {
    [place.image, channel] + (depthAxis.map { [$0.output(plane)] } ?? []) + [
      place.row + row * IndexExpr(planeAxes[0].tapStep),
      place.column + column * IndexExpr(planeAxes[1].tapStep),
    ]
  }

  // MARK: Transformed values

  /// The shape of transformed values: for each point `count` vectors and one more.
  ///
  /// Without that one the points of a tile would lie a multiple of a page apart, and meet in one set of the cache.
  func pointwise(_ count: Int, lanes: Int? = nil) -> [Int] {
    [points, count + 1, lanes ?? self.lanes]
  }

  /// Transformed values as register tiles read them: the terms of a step in each element.
  func stepwise(_ values: Placed) -> Placed {
    if stepTerms == 1 { return values }
    let last = values.shape[values.shape.count - 1]
    return Placed(
      memory: values.memory, element: transform.arithmetic.operand,
      shape: values.shape.dropLast() + [last.floorDiv(IndexExpr(stepTerms))],
      layout: values.layout)
  }

  /// The same of a kernel's own memory.
  func stepwise(_ values: Buffer, _ builder: KernelBuilder) -> Buffer {
    stepTerms == 1 ? values : builder.words(values)
  }

  /// The vector of an output block of a panel and a tile among the products of a point.
  func vector(_ outputBlock: IndexExpr, _ tile: IndexExpr) -> IndexExpr {
    outputBlock * IndexExpr(plan.tiles) + tile
  }

  /// The vector and the element of it that an output tile reads for a step's channels and a depth tap among the
  /// transformed inputs of a point.
  func place(
    _ step: IndexExpr, _ tile: IndexExpr, depthTap: IndexExpr = 0
  ) -> (vector: IndexExpr, lane: IndexExpr) {
    let plane = depthTap * IndexExpr((depthAxis?.tapStep ?? 1) * plan.columns)
    return (
      step.floorDiv(IndexExpr(blockSteps)) * IndexExpr(inputTiles) + plane + tile,
      step.mod(IndexExpr(blockSteps))
    )
  }

  /// The transform of a channel block's input, for all tiles that a block reads.
  func transformInput(
    _ builder: KernelBuilder, _ x: View, block: IndexExpr, channelBlock: IndexExpr,
    store: (_ point: IndexExpr, _ vector: IndexExpr, _ lane: IndexExpr, Expr) -> Statement
  ) throws(Diagnostic) -> [Statement] {
    let start = start(ofBlock: block)
    let planes = IndexExpr(plan.planes + reach)
    // What follows the last plane of the input and its halo is for outputs that are not there.
    let last = planeCount + IndexExpr(reach) - 1
    return try builder.loop("z", planes) { plane throws(Diagnostic) in
      try builder.loop("t", IndexExpr(plan.columns)) { tile throws(Diagnostic) in
        // The last block repeats the last tile where it has none left; nothing reads what that gives.
        let place = position(.min(start.tile + tile, tileCount - 1))
        let depth = depthAxis.map { [.min(start.plane + plane, last) + $0.tapBase] } ?? []
        let vector = channelBlock * IndexExpr(inputTiles) + plane * IndexExpr(plan.columns) + tile
        return try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) { lane in
          var code = StraightLine(builder)
          let channel = IndexExpr(groups.firstInput) + channelBlock * IndexExpr(lanes) + lane
          let range = 0..<transform.points
          let window = range.map { row in
            range.map { column in
              code.named(
                x.load(
                  [place.image, channel] + depth + [
                    planeAxes[0].input(place.row, tap: IndexExpr(row)),
                    planeAxes[1].input(place.column, tap: IndexExpr(column)),
                  ]
                ).converted(to: transform.operand))
            }
          }
          let results = code.square(window) { transform.input($0, &$1) }
          for (number, value) in results.joined().enumerated() {
            code.append(store(IndexExpr(number), vector, lane, value))
          }
          return code.statements
        }
      }
    }
  }

  // MARK: Constants

  /// `[output block of all groups, step * 9 + tap, lane * terms of a step + term]`
  private func packedWeights(_ context: NodeLowering) -> Placed {
    let packing = PackedWeights(
      outputChannels: 0..<groups.count * filterBlocks * lanes, inputChannels: terms, chunk: 1,
      blocks: 1, lanes: lanes)
    let blocked = filterBlocks * lanes
    let offsets = weights.tapOffsets(axes)
    let packed = packing.pack(weights.tensor, taps: Array(offsets.prefix(taps))) {
      [groups, weights, termPlaces, taps] column, term in
      let (input, depthTap) = termPlaces[term]
      guard input < groups.inputs else { return nil }
      return groups.place(group: column / blocked, output: column % blocked, input: input)
        .map { weights.place($0.output, $0.input) + offsets[depthTap * taps] }
    }
    return context.packed(transform == .integerF4 ? bytes(packed) : packed)
  }

  /// Weights as bytes, those of a step side by side.
  ///
  /// - Parameter packed: `[output block, term * 9 + tap, lane]`.
  private func bytes(_ packed: Tensor) -> Tensor {
    let shape = [packed.shape[0], steps * taps, weightLanes]
    let size = terms * taps * lanes
    return Tensor(of: Int8.self, shape: shape, partSize: size) {
      [taps, lanes, stepTerms, weightLanes] block, bytes in
      packed.withSpan(of: Float.self) { values in
        for place in 0..<size {
          let (row, column) = place.quotientAndRemainder(dividingBy: weightLanes)
          let term = row / taps * stepTerms + column % stepTerms
          let from = (term * taps + row % taps) * lanes + column / stepTerms
          bytes[place] = Int8(values[block * size + from])
        }
      }
    }
  }

  /// The input channel and the depth tap of every term.
  private var termPlaces: [(channel: Int, depthTap: Int)] {
    stride(from: 0, to: channels, by: lanes).flatMap { first in
      (0..<depthTaps).flatMap { tap in
        (first..<min(first + lanes, channels)).map { (channel: $0, depthTap: tap) }
      }
    }
  }
}

extension ConvolutionAxis {
  /// Whether dilated windows are narrow enough for tiles to be filled: every phase of the dilation has tiles of its own,
  /// and where the extent is open, small images would be a small part of what their halo makes of them.
  func fillsTiles(extent: IndexExpr) -> Bool {
    !isWide(extent: extent)
      && (extent.isConstant || WinogradTransform.f4.outputs * tapStep <= Self.usualExtent / 2)
  }

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
