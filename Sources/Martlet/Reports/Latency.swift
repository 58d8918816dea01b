/// Times of repeated runs, in milliseconds.
public struct Latency: Codable, Sendable {
  public let min: Double
  public let median: Double
  public let p90: Double
  public let p99: Double
  public let count: Int
  /// Every time, in the order of measurement.
  public let all: [Double]

  /// - Precondition: `milliseconds` is not empty.
  public init(milliseconds: [Double]) {
    let sorted = milliseconds.sorted()
    min = sorted[0]
    median = Self.quantile(0.5, of: sorted)
    p90 = Self.quantile(0.9, of: sorted)
    p99 = Self.quantile(0.99, of: sorted)
    count = sorted.count
    all = milliseconds
  }

  /// Linear interpolation between order statistics (Hyndman and Fan 1996, type 7).
  private static func quantile(_ q: Double, of sorted: [Double]) -> Double {
    let position = q * Double(sorted.count - 1)
    let below = Int(position)
    let above = Swift.min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }

  /// Runs `body` once to warm up and then for about `seconds`, at least `minimum` times.
  public static func measure(
    seconds: Double, minimum: Int = 3, _ body: () throws -> Void
  ) rethrows -> Latency {
    let clock = ContinuousClock()
    try body()
    let end = clock.now + .seconds(seconds)
    var times: [Double] = []
    while times.count < minimum || clock.now < end {
      let elapsed = try clock.measure { try body() }
      times.append(elapsed / .milliseconds(1))
    }
    return Latency(milliseconds: times)
  }
}
