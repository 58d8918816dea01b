import Loops
import Tensors

extension Layout {
  /// Widens the halos of rows so that neighbours along every axis lie in different sets of a first-level cache.
  ///
  /// A window reads as many rows as it has taps on the axes before the last: at distances of a power of two they would
  /// evict each other. Rows of an odd number of cache lines, an odd number of them in a plane and so on, spread over
  /// all sets.
  mutating func spreadRows(of shape: [IndexExpr], element: ElementType) {
    guard !halos.isEmpty, block == nil else { return }
    let line = 64 * 8 / max(1, element.bitWidth)
    for axis in shape.indices.dropFirst(2) {
      let halo = halos[axis]
      guard let extent = (shape[axis] + halo.before + halo.after).value else { continue }
      let unit = axis == shape.count - 1 ? line : 1
      let units = (extent + unit - 1) / unit
      let spread = (units % 2 == 0 ? units + 1 : units) * unit
      halos[axis].after = halo.after + IndexExpr(spread - extent)
    }
  }
}
