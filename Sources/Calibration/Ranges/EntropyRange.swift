import Glibc

/// The range at which the distribution of quantized elements diverges least from that of the elements.
///
/// For a threshold `t`, P counts the bins between `-t` and `t`, what lies outside added to the outermost ones. Q has the
/// same bins without what lies outside, joined into as many groups as the grid has levels, each group's count spread
/// evenly over those of its bins that are not empty. The threshold is that of the least Kullback-Leibler divergence
/// `sum p log(p / q)`. Thresholds are multiples of 1/128 of all bins, from as many bins as levels on. Zeros are left out:
/// every range represents them.
///
/// Source: Migacz 2017, "8-bit Inference with TensorRT", GTC S7310; smoothing as in MXNet and onnxruntime: an empty bin
/// counts 0.0001, taken from the others.
enum EntropyRange {
  private static let partCount = 128
  private static let smoothing = 0.0001

  static func range(
    _ statistics: ValueStatistics, _ grid: IntegerGrid
  ) -> (low: Double, high: Double) {
    let histogram = statistics.histogram
    let below = histogram.negative.map { Double($0) }
    let above = histogram.positive.map { Double($0) }
    let largest = max(below.count, above.count)
    let part = max(Histogram.binCount / partCount, 1)
    var best = (bins: largest, divergence: Double.infinity)
    for bins in stride(from: part, to: largest + part, by: part) {
      let (low, high) = (min(bins, below.count), min(bins, above.count))
      guard low + high >= grid.levelCount else { continue }
      let found = divergence(below, low, above, high, groupCount: grid.levelCount)
      if found < best.divergence { best = (bins, found) }
    }
    let threshold = Double(best.bins) * histogram.width
    if grid.isSymmetric { return (-threshold, threshold) }
    return (
      max(-threshold, Double(statistics.minimum)), min(threshold, Double(statistics.maximum))
    )
  }

  /// The divergence when `low` bins below zero and `high` above are kept.
  private static func divergence(
    _ below: [Double], _ low: Int, _ above: [Double], _ high: Int, groupCount: Int
  ) -> Double {
    let kept = Array(below[..<low].reversed() + above[..<high])
    var reference = kept
    if low > 0 { reference[0] += below[low...].reduce(0, +) }
    if high > 0 { reference[kept.count - 1] += above[high...].reduce(0, +) }
    return divergence(smoothed(reference), smoothed(grouped(kept, groupCount)))
  }

  private static func grouped(_ counts: [Double], _ groupCount: Int) -> [Double] {
    var result = counts
    for group in 0..<groupCount {
      let bins = (group * counts.count / groupCount)..<((group + 1) * counts.count / groupCount)
      let filled = bins.filter { counts[$0] > 0 }
      guard filled.count > 1 else { continue }
      let mean = filled.reduce(0) { $0 + counts[$1] } / Double(filled.count)
      for bin in filled { result[bin] = mean }
    }
    return result
  }

  private static func smoothed(_ counts: [Double]) -> [Double] {
    let emptyCount = counts.count { $0 == 0 }
    guard emptyCount < counts.count else { return counts }
    let share = smoothing * Double(emptyCount) / Double(counts.count - emptyCount)
    return counts.map { $0 == 0 ? smoothing : $0 - share }
  }

  private static func divergence(_ p: [Double], _ q: [Double]) -> Double {
    let (pTotal, qTotal) = (p.reduce(0, +), q.reduce(0, +))
    let sum = zip(p, q).reduce(0) { sum, pair in
      sum + pair.0 * log(pair.0 * qTotal / (pair.1 * pTotal))
    }
    return sum / pTotal
  }
}
