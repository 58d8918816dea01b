package import Tensors

/// Which elements of one dimension a slice takes, after negative positions and clamping are resolved.
///
/// Source: ONNX Slice-13, the rules of clamping `starts` and `ends`.
package struct SliceRange {
  /// The first element taken.
  package let start: IndexExpr
  package let step: Int
  package let count: IndexExpr

  /// Positions beyond these mean "to the end": exporters write the largest or smallest 32- or 64-bit integer.
  private static let far = Int(Int32.max)

  /// Nil when a symbolic position may be counted from either side, so that nothing is known.
  ///
  /// - Precondition: `step` is not zero.
  init?(start: IndexExpr, end: IndexExpr, step: Int, dimension: IndexExpr) {
    let low: IndexExpr = step > 0 ? 0 : -1
    let high = step > 0 ? dimension : dimension - 1
    guard let from = Self.resolve(start, dimension, step < 0 && start == -1 ? -1 : 0, high),
      let to = Self.resolve(end, dimension, low, high)
    else { return nil }
    self.start = from
    // A step beyond every dimension takes one element, whatever it is.
    self.step = Swift.min(Swift.max(step, -Self.far), Self.far)
    let span = step > 0 ? to - from : from - to
    let magnitude = IndexExpr(Int(self.step.magnitude))
    count = dimension == 0 ? 0 : .max(span.ceilDiv(magnitude), 0)
  }

  private static func resolve(
    _ position: IndexExpr, _ dimension: IndexExpr, _ low: IndexExpr, _ high: IndexExpr
  ) -> IndexExpr? {
    if let value = position.value {
      if value >= far { return high }
      if value <= -far { return low }
      return value >= 0 ? .min(position, high) : .max(dimension + position, low)
    }
    if let least = position.lowerBound, least >= 0 { return .min(position, high) }
    if let most = position.upperBound, most < 0 { return .max(dimension + position, low) }
    return nil
  }
}
