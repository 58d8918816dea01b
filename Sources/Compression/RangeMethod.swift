import Passes
package import Tensors

/// How the range that integers span is chosen from the numbers a value took.
package enum RangeMethod: String, Sendable, CaseIterable {
  /// Everything that was seen.
  case minmax
  /// Without 1 in 100,000 elements at either end.
  case percentile
  /// The clipping whose quantized distribution diverges least from the one seen.
  case entropy
  /// The clipping with the least mean squared error.
  case mse

  private static let tail = 1e-5
  /// How far both ends are drawn in, in steps of the whole range.
  private static let stepCount = 64

  /// The range for a type of integers.
  package func range(_ histogram: Histogram, _ type: ElementType) -> (low: Double, high: Double) {
    let whole = (low: min(histogram.low, 0), high: max(histogram.high, 0))
    guard histogram.count > 0, whole.low < whole.high else { return (0, 0) }
    switch self {
    case .minmax: return whole
    case .percentile: return Self.percentile(histogram, whole)
    case .entropy:
      return Self.least(whole, type) { histogram.divergence($0) }
    case .mse:
      return Self.least(whole, type) { histogram.squaredError($0) }
    }
  }

  private static func percentile(
    _ histogram: Histogram, _ whole: (low: Double, high: Double)
  ) -> (low: Double, high: Double) {
    let limit = Double(histogram.count) * tail
    func end(_ bins: some Sequence<Int>) -> Double {
      var sum = 0.0
      for bin in bins {
        sum += histogram.bins[bin]
        if sum > limit { return histogram.center(bin) }
      }
      return 0
    }
    return (
      min(0, max(whole.low, end(histogram.bins.indices))),
      max(0, min(whole.high, end(histogram.bins.indices.reversed())))
    )
  }

  /// The range with the least cost, each end drawn in on its own, one after the other until neither moves.
  private static func least(
    _ whole: (low: Double, high: Double), _ type: ElementType,
    _ cost: (QuantizationParameters) -> Double
  ) -> (low: Double, high: Double) {
    var best = whole
    var bestCost = cost(QuantizationParameters(low: best.low, high: best.high, type: type))
    for _ in 0..<3 {
      let before = best
      for end in [\(low: Double, high: Double).high, \.low] where whole[keyPath: end] != 0 {
        for step in 0..<stepCount {
          var range = best
          range[keyPath: end] = whole[keyPath: end] * Double(stepCount - step) / Double(stepCount)
          let found = cost(QuantizationParameters(low: range.low, high: range.high, type: type))
          if found < bestCost { (best, bestCost) = (range, found) }
        }
      }
      if best == before { break }
    }
    return best
  }
}

extension Histogram {
  /// The sum of squared errors that quantization with the parameters makes, each element taken as its bin's middle.
  func squaredError(_ parameters: QuantizationParameters) -> Double {
    let scale = Double(parameters.scales[0])
    let range = parameters.range
    var sum = 0.0
    for bin in bins.indices where bins[bin] > 0 {
      let value = center(bin)
      let kept = min(max(value, range.low), range.high)
      let excess = value - kept
      // Within the range the error is uniform over one step, unless bins are wider than steps.
      sum += bins[bin] * (excess * excess + scale * scale / 12)
    }
    return sum
  }

  /// The Kullback-Leibler divergence of the distribution within the range, its tails put onto the ends, from the same
  /// after quantization, whose steps spread their counts evenly over the bins they cover.
  ///
  /// Source: Migacz 2017, "8-bit inference with TensorRT", slides 30-38.
  func divergence(_ parameters: QuantizationParameters) -> Double {
    let scale = Double(parameters.scales[0])
    let range = parameters.range
    let stepCount = parameters.integers.count
    var reference = [Double](repeating: 0, count: bins.count)
    var within = [Double](repeating: 0, count: stepCount)
    var occupied = [Int](repeating: 0, count: stepCount)
    func step(_ value: Double) -> Int {
      let clamped = min(max(value, range.low), range.high)
      return min(Int(((clamped - range.low) / scale).rounded()), stepCount - 1)
    }
    let lowBin = max(0, Int((range.low / binWidth).rounded(.down)) + bins.count / 2)
    let highBin = min(bins.count - 1, Int((range.high / binWidth).rounded(.down)) + bins.count / 2)
    for bin in bins.indices where bins[bin] > 0 {
      let place = min(max(bin, lowBin), highBin)
      reference[place] += bins[bin]
      // What is clipped counts in the reference only: that is what makes clipping cost something.
      if place == bin { within[step(center(bin))] += bins[bin] }
    }
    for bin in lowBin...highBin where reference[bin] > 0 { occupied[step(center(bin))] += 1 }
    let total = Double(count)
    let kept = within.reduce(0, +)
    guard kept > 0 else { return .infinity }
    var sum = 0.0
    for bin in lowBin...highBin where reference[bin] > 0 {
      let place = step(center(bin))
      let share = within[place] / Double(occupied[place]) / kept
      let probability = reference[bin] / total
      sum += probability * (probability / max(share, 1e-12)).logarithm
    }
    return sum
  }
}
