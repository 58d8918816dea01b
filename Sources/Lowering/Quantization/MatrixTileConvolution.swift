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
    let plane = Plane(
      view: builder.view(flattened), geometry: geometry, layout: input.layout, pitch: pitch)
    let panel = Panel(
      weights: builder.view(packed),
      bias: constants.bias.map { builder.view(rows.pack($0, context)) },
      factors: constants.multipliers.map { builder.view(rows.pack($0, context)) },
      firstBlock: blocks.lowerBound, width: perPanel)
    let sums = builder.scratch(.i32, [perTile, perPanel * Self.lanes])
    let isResident = packed.shape.compactMap(\.value).elementCount <= Self.residentByteCount
    let outerAxes = geometry.axes.dropLast(geometry.isFlat ? 2 : 1).map(\.count)
    let count = (pixels + perTile - 1) / perTile
    let images = isProduct ? 1 : input.shape[0]
    let places = [images] + outerAxes + [IndexExpr(count)]
    let panels = [IndexExpr(blocks.count / perPanel)]
    let extents = isResident ? places + panels : panels + places

    let body = try Nest.axes(extents, .parallel, builder) { at throws(Diagnostic) in
      let number = isResident ? at[at.count - 1] : at[0]
      let place = Array(isResident ? at.dropLast() : at.dropFirst())
      // The last tile begins where it ends with the last pixel, and leaves alone what others compute.
      let nominal = place[place.count - 1] * IndexExpr(perTile)
      let start =
        pixels >= perTile ? IndexExpr.min(nominal, IndexExpr(pixels - perTile)) : IndexExpr(0)
      let outer = Array(place.dropLast())
      var body = (0..<tiles * perPanel).map { Statement.tile(.zero($0)) }
      body += try reduction(builder) { block, taps, step, row throws(Diagnostic) in
        (0..<tiles).map { tile in
          let first = start + IndexExpr(tile * MatrixTileGeometry.rows)
          return .tile(plane.load(Self.firstInput + tile, outer, first, block, taps, step))
        }
          + (0..<perPanel).map { .tile(panel.load(Self.firstWeight + $0, number, row, $0)) }
          + (0..<tiles * perPanel).map { sum in
            .tile(
              .dot(
                sum: sum, a: Self.firstInput + sum / perPanel,
                b: Self.firstWeight + sum % perPanel))
          }
      }
      for sum in 0..<tiles * perPanel {
        let position = [
          IndexExpr(sum / perPanel * MatrixTileGeometry.rows),
          IndexExpr(sum % perPanel * Self.lanes),
        ]
        body.append(
          .tile(.store(sum, sums, position, rowStride: IndexExpr(perPanel * Self.lanes))))
      }
      return body
        + (try finish(builder, sums, panel, number, outer, start, nominal, perTile, pitch, pixels))
    }
    let products = geometry.depth * MatrixTileGeometry.rowByteCount * blocks.count * Self.lanes
    let work = geometry.axes.map(\.count).reduce(images, *) * IndexExpr(products)
    context.launch(
      isProduct ? "tile_matmul" : "tile_conv", builder, body, work: work.floorDiv(128),
      note: "matrix registers, \(perTile) pixels by \(perPanel * Self.lanes) filters"
        + (geometry.isFlat ? ", rows without gaps" : ""))
  }

  /// Whether the input is a matrix whose rows are pixels, its columns filled up to whole rows of registers.
  private var isProduct: Bool { input.layout.block == nil }

  private static let firstInput = side * side
  private static let firstWeight = firstInput + side

  /// The input with the plane of its last two axes as one axis of bytes.
  private var flattened: Placed {
    if isProduct { return input }
    let stored = input.layout.storedShape(input.shape)
    let folded = min(3, stored.count - 2)
    let shape = stored.dropLast(folded) + [stored.suffix(folded).reduce(1, *)]
    return Placed(memory: input.memory, element: .u8, shape: Array(shape), layout: .plain)
  }

  /// Loops over blocks of channels, taps of the outer axes and steps along the last one.
  private func reduction(
    _ builder: KernelBuilder,
    _ body: (
      _ block: IndexExpr, _ taps: [IndexExpr], _ step: IndexExpr, _ row: IndexExpr
    ) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let extents = [geometry.blocks] + geometry.outerTaps + [geometry.steps]
    return try Nest.axes(extents.map { IndexExpr($0) }, .serial, builder) {
      at throws(Diagnostic) in
      let row = zip(at, extents).reduce(IndexExpr(0)) { $0 * IndexExpr($1.1) + $1.0 }
      return try body(at[0], Array(at[1..<at.count - 1]), at[at.count - 1], row)
    }
  }

  /// Every sum of a tile that belongs to an output pixel, on its way out.
  private func finish(
    _ builder: KernelBuilder, _ sums: Buffer, _ panel: Panel, _ number: IndexExpr,
    _ outer: [IndexExpr], _ start: IndexExpr, _ nominal: IndexExpr, _ perTile: Int, _ pitch: Int,
    _ pixels: Int
  ) throws(Diagnostic) -> [Statement] {
    let width = geometry.axes[geometry.axes.count - 1].count
    return try builder.loop("p", IndexExpr(perTile)) { pixel throws(Diagnostic) in
      let at = start + pixel
      let row = geometry.isFlat ? [at.floorDiv(IndexExpr(pitch))] : []
      let column = geometry.isFlat ? at.mod(IndexExpr(pitch)) : at
      let spatial = Array(outer.dropFirst()) + row + [column]
      var stores: [Statement] = []
      for block in 0..<panel.width {
        stores += try builder.loop("lane", IndexExpr(Self.lanes), .vector(lanes: Self.lanes)) {
          lane throws(Diagnostic) in
          let inside = IndexExpr(block * Self.lanes) + lane
          let first = (IndexExpr(panel.firstBlock) + number * IndexExpr(panel.width))
          let channel = first * IndexExpr(Self.lanes) + inside
          var sum = Expr.load(sums, [pixel, inside])
          if let bias = panel.bias { sum = sum.plus(bias.load([number, inside])) }
          let factor = panel.factors?.load([number, inside]) ?? .float(1, .f32)
          return try sink.store(
            sum.converted(to: .f32).times(factor),
            at: place?(column, channel) ?? [outer[0], channel] + spatial, builder)
        }
      }
      let conditions = [
        Expr.compare(.less, .index(column), .index(width)),
        .compare(.less, .index(at), .index(IndexExpr(pixels))),
        .compare(.greaterOrEqual, .index(at), .index(nominal)),
      ]
      let isOwn = conditions.dropFirst().reduce(conditions[0]) { .binary(.and, $0, $1) }
      return [.if(isOwn, then: stores, else: [])]
    }
  }
}

/// The input as registers read it.
private struct Plane {
  let view: View
  let geometry: MatrixTileGeometry
  let layout: Layout
  /// Pixels from one row to the next.
  let pitch: Int

  /// 16 pixels' bytes of one step.
  func load(
    _ register: Int, _ outer: [IndexExpr], _ pixel: IndexExpr, _ block: IndexExpr,
    _ taps: [IndexExpr], _ step: IndexExpr
  ) -> TileStatement {
    if layout.block == nil {
      return .load(
        register, view.buffer, [pixel, block * IndexExpr(geometry.block)],
        rowStride: view.shape[1])
    }
    let axes = geometry.axes
    let last = axes.count - 1
    let stride = axes[last].inputStride * geometry.block
    // Positions on the axes before the last two, and the row of the plane.
    var places = taps.indices.map { axis -> IndexExpr in
      let isInPlane = geometry.isFlat && axis == last - 1
      let position = isInPlane ? IndexExpr(0) : outer[axis + 1]
      return axes[axis].input(position, tap: taps[axis]) + layout.halo(axis + 2).before
    }
    let row = places.popLast() ?? 0
    let column =
      pixel * IndexExpr(axes[last].inputStride) + axes[last].tapBase + layout.halo(last + 2).before
    let byte =
      (row * IndexExpr(pitch) + column) * IndexExpr(geometry.block)
      + step * IndexExpr(geometry.stepByteCount)
    return .load(
      register, view.buffer, [outer[0], block] + places + [byte], rowStride: IndexExpr(stride))
  }
}

/// Weights and constants of the filters that are computed together.
private struct Panel {
  let weights: View
  let bias: View?
  let factors: View?
  let firstBlock: Int
  /// Blocks of filters.
  let width: Int

  func load(_ register: Int, _ number: IndexExpr, _ row: IndexExpr, _ block: Int) -> TileStatement {
    .load(
      register, weights.buffer, [number, row, IndexExpr(block), 0],
      rowStride: IndexExpr(TileStatement.rowByteCount))
  }
}
