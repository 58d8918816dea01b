import Diagnostics
import Loops
import Tensors

/// A convolution of bytes, or a product with a constant matrix, in matrix registers: two by two of them hold the sums of 32 pixels and 32 filters.
///
/// Design: Intel 64 and IA-32 Architectures Optimization Reference Manual, chapter 20, "Intel AMX".
struct MatrixTileConvolution {
  let geometry: MatrixTileGeometry
  let input: Placed
  let sink: Sink
  /// Of whole numbers of 8 bits.
  let weights: ConvolutionWeights
  let filters: Int
  let constants: SumConstants
  /// Where a row and a column of a product belong in the sink; nil for convolutions.
  var place: ((_ row: IndexExpr, _ column: IndexExpr) -> [IndexExpr])?

  private static let lanes = TileStatement.rowByteCount / 4
  /// Registers of sums along each side.
  private static let side = 2
  /// Weights up to this size stay in the cache while everything else passes through it.
  private static let residentByteCount = 300 << 10

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let blocks = (filters + Self.lanes - 1) / Self.lanes
    let whole = blocks / Self.side
    if whole > 0 { try launch(context, blocks: 0..<whole * Self.side, perPanel: Self.side) }
    if blocks % Self.side > 0 {
      try launch(context, blocks: whole * Self.side..<blocks, perPanel: 1)
    }
  }

  /// One kernel for a range of the filters' blocks, `perPanel` of them at a time.
  private func launch(
    _ context: NodeLowering, blocks: Range<Int>, perPanel: Int
  ) throws(Diagnostic) {
    let packing = MatrixTileWeights(geometry: geometry, filters: filters, weights: weights)
    let packed = context.packed(packing.pack(blocks: blocks, perPanel: perPanel))
    let stored = input.layout.storedShape(input.shape)
    let pitch = isProduct ? 1 : stored[stored.count - 2].constant
    let pixels = geometry.pixels(pitch: pitch)
    let tiles = pixels >= Self.side * MatrixTileGeometry.rows ? Self.side : 1
    let perTile = tiles * MatrixTileGeometry.rows
    let rows = PanelRows(
      groups: ChannelGroups(columns: 0..<filters), blocks: blocks, perTile: perPanel,
      lanes: Self.lanes)
    let builder = context.builder()
    let pipeline = MatrixTilePipeline(
      geometry: geometry, sink: sink, builder: builder,
      plane: MatrixTilePlane(
        view: builder.view(flattened), geometry: geometry, layout: input.layout, pitch: pitch),
      panel: MatrixTilePanel(
        weights: builder.view(packed),
        bias: constants.bias.map { builder.view(rows.pack($0, context)) },
        factors: constants.multipliers.map { builder.view(rows.pack($0, context)) },
        firstBlock: blocks.lowerBound, width: perPanel),
      sums: builder.scratch(.i32, [2, perTile, perPanel * Self.lanes]), tiles: tiles,
      pixels: pixels, place: place)
    let outerAxes = geometry.axes.dropLast(geometry.isFlat ? 2 : 1).map(\.count)
    let images = isProduct ? 1 : input.shape[0]
    let count = IndexExpr((pixels + perTile - 1) / perTile)
    let panels = IndexExpr(blocks.count / perPanel)
    let isResident = packed.shape.compactMap(\.value).elementCount <= Self.residentByteCount

    let body: [Statement]
    if isResident, panels != 1 {
      // Pixels stay near while all panels meet them.
      let extents = [images] + outerAxes + [count]
      body = try Nest.axes(extents, .parallel, builder) { at throws(Diagnostic) in
        try pipeline.run(panels) { number in
          pipeline.work(panel: number, outer: Array(at.dropLast()), tile: at[at.count - 1])
        }
      }
    } else {
      // A panel stays near while pixels pass.
      let run = IndexExpr(Self.tilesPerRun)
      let extents = [panels, images] + outerAxes + [count.ceilDiv(run)]
      body = try Nest.axes(extents, .parallel, builder) { at throws(Diagnostic) in
        let first = at[at.count - 1] * run
        return try pipeline.run(.min(run, count - first)) { number in
          pipeline.work(
            panel: at[0], outer: Array(at[1..<at.count - 1]), tile: first + number)
        }
      }
    }
    let products = geometry.depth * MatrixTileGeometry.rowByteCount * blocks.count * Self.lanes
    let work = geometry.axes.map(\.count).reduce(images, *) * IndexExpr(products)
    context.launch(
      isProduct ? "tile_matmul" : "tile_conv", builder, body, work: work.floorDiv(128),
      note: "matrix registers, \(perTile) pixels by \(perPanel * Self.lanes) filters"
        + (geometry.isFlat ? ", rows without gaps" : ""))
  }

  /// Tiles of pixels that one parallel iteration covers at most.
  private static let tilesPerRun = 8

  /// Whether the input is a matrix whose rows are pixels, its columns filled up to whole rows of registers.
  private var isProduct: Bool { input.layout.block == nil }

  /// The input with the plane of its last two axes as one axis of bytes.
  private var flattened: Placed {
    if isProduct { return input }
    let stored = input.layout.storedShape(input.shape)
    let folded = min(3, stored.count - 2)
    let shape = stored.dropLast(folded) + [stored.suffix(folded).reduce(1, *)]
    return Placed(memory: input.memory, element: .u8, shape: Array(shape), layout: .plain)
  }
}
