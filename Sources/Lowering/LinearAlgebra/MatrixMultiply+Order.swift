import Loops
import Tensors

extension MatrixMultiply {
  /// The way of a product through the cache.
  ///
  /// Slabs of rows meet one panel of the right operand after the other, so that a panel is read once for each slab, and a
  /// slab stays in the cache while all panels pass. Where not even the rows of few tiles would fit, the reduction is cut
  /// in sweeps over the whole result, each of which adds to the sums of those before.
  ///
  /// Source: Goto and van de Geijn 2008, ACM TOMS 34(3), section 4.
  struct Order: Hashable {
    /// Reduction steps of each sweep; nil for one sweep over all, however many they are.
    let sweeps: [Range<Int>]?
    /// Rows of a slab; nil for all.
    let slabRows: Int?
    /// Whether panels come from beyond the cache, so that the next one should be asked for early.
    let asksAhead: Bool

    /// All rows meet a panel before the next.
    static let panels = Order(sweeps: nil, slabRows: nil, asksAhead: false)

    /// Reduction steps below which a sweep spends too much on sums.
    private static let shortestSweep = 384
    private static let longestSweep = 1024

    /// The order for constant weights of so many reduction steps and columns.
    ///
    /// - Parameter chunkRows: rows that are the least a slab may have.
    init(rows: Int?, depth: Int, columns: Int, chunkRows: Int, for target: Target) {
      let bytes = ElementType.f32.byteCount(of: 1)
      let room = target.level2ByteCount * 3 / 4
      if depth * columns * bytes <= room {
        // All weights stay, and every row is read once.
        self.init(sweeps: nil, slabRows: chunkRows, asksAhead: false)
        return
      }
      let fitting = rows.map { max(1, ($0 * depth * bytes + room - 1) / room) }
      if let fitting, fitting == 1 || depth / fitting >= Self.shortestSweep {
        self.init(sweeps: Self.cut(depth, into: fitting), slabRows: nil, asksAhead: true)
        return
      }
      let count = (depth + Self.longestSweep - 1) / Self.longestSweep
      let sweeps = rows == nil ? nil : Self.cut(depth, into: count)
      let longest = sweeps?.map(\.count).max() ?? depth
      let slab = max(chunkRows, room / (longest * bytes) / chunkRows * chunkRows)
      self.init(sweeps: sweeps, slabRows: slab, asksAhead: true)
    }

    private init(sweeps: [Range<Int>]?, slabRows: Int?, asksAhead: Bool) {
      self.sweeps = sweeps
      self.slabRows = slabRows
      self.asksAhead = asksAhead
    }

    /// Ranges of nearly equal length whose bounds are multiples of the steps of a rolled loop.
    private static func cut(_ depth: Int, into count: Int) -> [Range<Int>]? {
      guard count > 1 else { return nil }
      let length =
        (depth / count + RegisterTile.unroll - 1) / RegisterTile.unroll * RegisterTile.unroll
      return (0..<count).map { number in
        let end = number == count - 1 ? depth : min(depth, (number + 1) * length)
        return min(depth, number * length)..<end
      }.filter { !$0.isEmpty }
    }
  }
}
