import Diagnostics
import Loops
import Tensors

extension TiledConvolution {
  /// The order in which panels of weights meet rows of outputs.
  enum Order: Hashable {
    /// Row by row: all weights stay in the cache.
    case rows
    /// Panel by panel: the input stays in the cache, and weights are read once.
    case panels
    /// Slab by slab of so many rows, each of which meets all panels: neither fits, and a slab's input does.
    case slabs(Int)

    /// The order that reads least from beyond the cache.
    init(_ convolution: TiledConvolution, weightByteCount: Int, panels: Int, for target: Target) {
      // Weights up to this size stay in the cache while everything else passes through it.
      let residentByteCount = 300 << 10
      guard weightByteCount > residentByteCount else {
        self = .rows
        return
      }
      let room = target.level2ByteCount / 2
      let input = convolution.input
      let stored = input.layout.storedShape(input.shape).compactMap(\.value)
      let axis = convolution.axes.count - 2
      guard axis >= 0, stored.count == input.layout.storedShape(input.shape).count,
        let rows = convolution.axes[axis].count.value
      else {
        self = .panels
        return
      }
      let inputByteCount = input.element.byteCount(of: stored.elementCount)
      let perRow = max(1, inputByteCount / max(1, rows))
      let slab = max(1, room / perRow)
      let slabs = (rows + slab - 1) / slab
      let bySlabs = inputByteCount + weightByteCount * slabs
      let byPanels = inputByteCount * panels + weightByteCount
      self =
        inputByteCount <= room || byPanels <= bySlabs ? .panels : .slabs((rows + slabs - 1) / slabs)
    }
  }

  /// The place of one row of outputs and one panel.
  struct Place {
    let image: IndexExpr
    /// Positions on all spatial axes but the last.
    let row: [IndexExpr]
    let group: IndexExpr
    let panel: IndexExpr
    /// How many rows have met the panel before, where the next ones meet it too.
    let visit: IndexExpr?
  }

  /// Loops over all rows and panels, shared by threads.
  func nest(
    _ builder: KernelBuilder, panels: Int, _ order: Order,
    _ body: (Place) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let pixels = [input.shape[0]] + axes.dropLast().map(\.count)
    let channels = [IndexExpr(groups.count), IndexExpr(panels)]
    func place(
      _ pixel: [IndexExpr], _ channel: [IndexExpr], visit: IndexExpr? = nil
    ) -> Place {
      Place(
        image: pixel[0], row: Array(pixel.dropFirst()), group: channel[0], panel: channel[1],
        visit: visit)
    }
    switch order {
    case .rows:
      return try Nest.axes(pixels + channels, .parallel, builder) { at throws(Diagnostic) in
        try body(place(Array(at.dropLast(2)), Array(at.suffix(2))))
      }
    case .panels:
      return try Nest.axes(channels + pixels, .parallel, builder) { at throws(Diagnostic) in
        let row = Array(at.dropFirst(2))
        let visit = zip(row, pixels).reduce(IndexExpr(0)) { $0 * $1.1 + $1.0 }
        return try body(place(row, Array(at.prefix(2)), visit: visit))
      }
    case .slabs(let size):
      let rows = pixels[pixels.count - 1]
      let slabs = rows.ceilDiv(IndexExpr(size))
      let outer = pixels.dropLast() + [slabs] + channels
      return try Nest.axes(outer, .parallel, builder) { at throws(Diagnostic) in
        let first = at[at.count - 3] * IndexExpr(size)
        let count = IndexExpr.min(IndexExpr(size), rows - first)
        return try builder.loop("y", count) { row throws(Diagnostic) in
          try body(
            place(Array(at.dropLast(3)) + [first + row], Array(at.suffix(2)), visit: row))
        }
      }
    }
  }
}
