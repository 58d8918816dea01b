import Loops
package import Tensors

/// Where the elements of a tensor lie in memory, relative to its logical shape.
///
/// Positions are always logical (`[n, c, h, w]`); the layout turns them into distances. A blocked layout stores channels
/// (axis 1) in blocks of `block`, the block innermost: `[N, ceil(C / block), H, W, block]`; lanes beyond the last channel
/// hold no meaning. A halo is memory before and after an axis that holds zeros, or the zero point of quantized numbers,
/// so that a convolution's window may overhang. A strided layout is a view of another tensor's memory: transposed, or a part of it.
package struct Layout: Hashable, Sendable {
  /// Elements of halo before and after one axis.
  package struct Halo: Hashable, Sendable {
    package var before: IndexExpr
    package var after: IndexExpr

    package init(before: IndexExpr, after: IndexExpr) {
      self.before = before
      self.after = after
    }

    package var isEmpty: Bool { before == 0 && after == 0 }
  }

  /// A view of elements that lie in another tensor's memory.
  package struct Strided: Hashable, Sendable {
    /// Elements from one position to the next, one per logical axis.
    package var strides: [IndexExpr]
    /// Elements before the first one.
    package var offset: IndexExpr
    /// Elements of the memory.
    package var count: IndexExpr
  }

  /// Channels per block; nil for row-major order.
  package var block: Int?
  /// One per logical axis; empty when there is none at all.
  package var halos: [Halo]

  /// What a halo holds; 0 where there is none.
  package var fill = 0

  package init(block: Int? = nil, halos: [Halo] = [], fill: Int = 0) {
    self.block = block
    self.halos = halos.allSatisfy(\.isEmpty) ? [] : halos
    self.fill = self.halos.isEmpty ? 0 : fill
  }

  /// Where the elements lie in another tensor's memory; nil where they have their own.
  package var strided: Strided?

  /// The logical axis that each stored axis is; nil for the same order.
  package var order: [Int]?

  /// The blocks of another tensor's memory that the blocks of channels are; nil for all of their own.
  var chosen: ChosenBlocks?

  package init(strided: Strided) {
    self.init()
    self.strided = strided
  }

  /// The layout of the same memory under axes in another order: axis `i` is axis `axes[i]` of this one.
  func transposed(_ axes: [Int]) -> Layout {
    var layout = self
    if let strided {
      layout.strided?.strides = axes.map { strided.strides[$0] }
      return layout
    }
    let moved = (order ?? Array(axes.indices)).map { axes.firstIndex(of: $0) ?? $0 }
    layout.order = moved == moved.sorted() ? nil : moved
    return layout
  }

  package static let plain = Layout()

  package var isPlain: Bool { self == .plain }

  /// In words, such as `blocks of 16 with halo`.
  var summary: String {
    (block.map { "blocks of \($0)" } ?? "rows") + (halos.isEmpty ? "" : " with halo")
  }

  package func halo(_ axis: Int) -> Halo {
    halos.isEmpty ? Halo(before: 0, after: 0) : halos[axis]
  }

  /// The extents of the stored axes, outermost first: halos included, channels split in blocks.
  package func storedShape(_ shape: [IndexExpr]) -> [IndexExpr] {
    if let strided { return [strided.count] }
    let shape = order.map { $0.map { shape[$0] } } ?? shape
    var stored: [IndexExpr] = []
    for axis in shape.indices {
      let halo = halo(axis)
      let extent = shape[axis] + halo.before + halo.after
      stored.append(axis == 1 ? block.map { extent.ceilDiv(IndexExpr($0)) } ?? extent : extent)
    }
    if let chosen { stored[1] = IndexExpr(chosen.count) }
    if let block { stored.append(IndexExpr(block)) }
    return stored
  }

  /// The stored position of a logical one.
  package func storedPosition(_ position: [IndexExpr]) -> [IndexExpr] {
    if let strided {
      return [zip(position, strided.strides).reduce(strided.offset) { $0 + $1.0 * $1.1 }]
    }
    let position = order.map { $0.map { position[$0] } } ?? position
    var stored: [IndexExpr] = []
    for axis in position.indices {
      let index = position[axis] + halo(axis).before
      stored.append(axis == 1 ? block.map { index.floorDiv(IndexExpr($0)) } ?? index : index)
    }
    if let chosen { stored[1] = chosen.place(of: stored[1]) }
    if let block { stored.append(position[1].mod(IndexExpr(block))) }
    return stored
  }

  /// Bytes that a tensor of this shape takes.
  package func byteCount(_ shape: [IndexExpr], _ element: ElementType) -> IndexExpr {
    let elements = storedShape(shape).reduce(1, *)
    // Whole vectors may be read from the end of a row: working memory is padded to 64 bytes by the arena.
    if element.bitWidth > 0, element.bitWidth < 8 {
      return elements.ceilDiv(IndexExpr(8 / element.bitWidth))
    }
    return elements * IndexExpr(max(1, element.bitWidth / 8))
  }
}
