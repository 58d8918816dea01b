/// A histogram as points with weights, in ascending order.
struct Distribution {
  /// The middle of a bin that is not empty, and how many elements it stands for.
  struct Point {
    var value: Double
    var weight: Double
  }

  /// Without zeros, which every range represents exactly.
  let points: [Point]
  let minimum: Double
  let maximum: Double

  /// The largest magnitude.
  var largest: Double { max(-minimum, maximum) }

  init(_ statistics: ValueStatistics) {
    let histogram = statistics.histogram
    let width = histogram.width
    let (low, high) = (Double(statistics.minimum), Double(statistics.maximum))
    func point(_ middle: Double, _ count: UInt64) -> Point? {
      count == 0 ? nil : Point(value: min(max(middle, low), high), weight: Double(count))
    }
    let below = histogram.negative.enumerated().reversed().compactMap { index, count in
      point(-(Double(index) + 0.5) * width, count)
    }
    let above = histogram.positive.enumerated().compactMap { index, count in
      point((Double(index) + 0.5) * width, count)
    }
    points = below + above
    minimum = min(low, 0)
    maximum = max(high, 0)
  }
}
