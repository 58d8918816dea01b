/// The range without the outermost elements.
///
/// Of `n` elements and for `p` percent, `n * (1 - p / 100) / 2` rounded down lie outside on each side at most. Bounds are
/// edges of bins, the outer ones, so each is at most one bin wider than the elements say.
enum PercentileRange {
  static func range(_ statistics: ValueStatistics, percent: Double) -> (low: Double, high: Double) {
    let histogram = statistics.histogram
    let outside = UInt64(Double(statistics.elementCount) * (1 - percent / 100) / 2)
    let low = lowerBound(histogram.negative, histogram.zeroCount, histogram.positive, outside)
    let high = -lowerBound(histogram.positive, histogram.zeroCount, histogram.negative, outside)
    return (
      max(low * histogram.width, Double(statistics.minimum)),
      min(high * histogram.width, Double(statistics.maximum))
    )
  }

  /// The lower edge, in bins, of what remains without the `outside` lowest elements; `below` and `above` count from zero
  /// outward.
  private static func lowerBound(
    _ below: [UInt64], _ zeroCount: UInt64, _ above: [UInt64], _ outside: UInt64
  ) -> Double {
    var seen: UInt64 = 0
    for (index, count) in below.enumerated().reversed() {
      seen += count
      if seen > outside { return -Double(index + 1) }
    }
    seen += zeroCount
    if seen > outside { return 0 }
    for (index, count) in above.enumerated() {
      seen += count
      if seen > outside { return Double(index) }
    }
    return 0
  }
}
