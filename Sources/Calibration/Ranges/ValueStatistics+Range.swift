extension ValueStatistics {
  /// Narrower ranges have steps that are no normal numbers.
  private static let leastWidth = 0x1p-100

  /// The range to quantize the value in: it contains zero and is not empty.
  ///
  /// Without elements, and where all are zero (or smaller than 2^-100), it is 0...1.
  ///
  /// - Parameter grid: what the range is divided into; it matters to `entropy` and `mse`. On a symmetric grid the range
  ///   is symmetric, for every method.
  public func range(
    _ method: RangeMethod, grid: IntegerGrid = IntegerGrid()
  ) -> (low: Float, high: Float) {
    var (low, high) = elementCount == 0 ? (0, 0) : bounds(method, grid)
    (low, high) = (min(low, 0), max(high, 0))
    if high - low < Self.leastWidth { (low, high) = (0, 1) }
    if grid.isSymmetric {
      high = max(-low, high)
      low = -high
    }
    return (Float(low), Float(high))
  }

  private func bounds(_ method: RangeMethod, _ grid: IntegerGrid) -> (low: Double, high: Double) {
    let extremes = (low: Double(minimum), high: Double(maximum))
    if extremes.high - extremes.low < Self.leastWidth { return extremes }
    switch method {
    case .minmax: return extremes
    case .average:
      let count = Double(sampleCount)
      return (sumOfMinima.value / count, sumOfMaxima.value / count)
    case .percentile(let percent): return PercentileRange.range(self, percent: percent)
    case .entropy: return EntropyRange.range(self, grid)
    case .mse: return SquaredErrorRange.range(Distribution(self), grid)
    }
  }
}
