package import Tensors

/// How often a value took which numbers: least, greatest, and counts in bins of equal width around zero.
///
/// The bins grow by doubling their width when a number falls outside, so one walk over the data is enough.
package struct Histogram: Sendable {
  /// An even number; the middle of the bins is zero.
  package static let binCount = 4096
  package private(set) var low = Double.infinity
  package private(set) var high = -Double.infinity
  /// Elements counted, without those that are no numbers.
  package private(set) var count = 0
  package private(set) var bins = [Double](repeating: 0, count: binCount)
  package private(set) var binWidth = 0.0

  package init() {}

  /// The number in the middle of a bin.
  package func center(_ bin: Int) -> Double { (Double(bin - Self.binCount / 2) + 0.5) * binWidth }

  /// Counts the elements of an `f32` tensor.
  package mutating func add(_ tensor: Tensor) {
    tensor.withSpan(of: Float.self) { elements in
      var least = Float.infinity
      var greatest = -Float.infinity
      for index in elements.indices where elements[index].isFinite {
        least = min(least, elements[index])
        greatest = max(greatest, elements[index])
      }
      guard least <= greatest else { return }
      low = min(low, Double(least))
      high = max(high, Double(greatest))
      widen(toHold: max(-low, high))
      let half = Self.binCount / 2
      let scale = binWidth > 0 ? Float(1 / binWidth) : 0
      for index in elements.indices where elements[index].isFinite {
        let bin = Int((elements[index] * scale).rounded(.down)) + half
        bins[min(max(bin, 0), Self.binCount - 1)] += 1
        count += 1
      }
    }
  }

  private mutating func widen(toHold magnitude: Double) {
    let half = Double(Self.binCount / 2)
    if binWidth == 0 {
      // A power of two, so that halving the number of bins never moves an edge off the grid.
      if magnitude > 0 {
        binWidth = Double(sign: .plus, exponent: magnitude.exponent + 1, significand: 1) / half
      }
      if count > 0 {
        bins = Array(repeating: 0, count: Self.binCount)
        bins[Self.binCount / 2] = Double(count)
      }
      return
    }
    while magnitude > binWidth * half { double() }
  }

  private mutating func double() {
    var merged = [Double](repeating: 0, count: Self.binCount)
    for bin in bins.indices { merged[bin / 2 + Self.binCount / 4] += bins[bin] }
    bins = merged
    binWidth *= 2
  }

  /// Both together.
  package func merged(with other: Histogram) -> Histogram {
    guard other.count > 0 else { return self }
    guard count > 0 else { return other }
    var result = self
    var added = other
    result.low = min(low, other.low)
    result.high = max(high, other.high)
    result.widen(toHold: max(-result.low, result.high))
    added.widen(toHold: max(-result.low, result.high))
    while result.binWidth < added.binWidth { result.double() }
    while added.binWidth < result.binWidth { added.double() }
    for bin in result.bins.indices { result.bins[bin] += added.bins[bin] }
    result.count += other.count
    return result
  }
}
