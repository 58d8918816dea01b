import Martlet
import Testing

@Suite("latency") struct LatencyTests {
  @Test("quantiles interpolate between order statistics")
  func quantiles() {
    let latency = Latency(milliseconds: [4, 1, 3, 2])
    #expect(latency.min == 1)
    #expect(latency.median == 2.5)
    #expect(abs(latency.p90 - 3.7) < 1e-12)
    #expect(latency.count == 4)
  }

  @Test("measuring runs at least the minimum")
  func minimum() {
    var runs = 0
    let latency = Latency.measure(seconds: 0, minimum: 5) { runs += 1 }
    #expect(latency.count == 5)
    #expect(runs == 6)
  }

  /// The machine halves its speed in the middle: the ratio of paired rounds does not notice.
  @Test("paired rounds cancel what slows both")
  func pairsCancelDrift() throws {
    let first = (0..<40).map { ($0 < 20 ? 1.0 : 2.0) + Double($0 % 5) * 0.001 }
    let second = first.map { $0 * 1.25 }
    let comparison = PairedComparison(rounds: [first, second])
    let ratio = try #require(comparison.ratios.first)
    #expect(abs(ratio.ratio - 1.25) < 1e-9)
    #expect(abs(ratio.low - 1.25) < 1e-9 && abs(ratio.high - 1.25) < 1e-9)
    let noisy = first.enumerated().map { $1 * ($0 % 2 == 0 ? 1.0 : 1.4) }
    let wide = try #require(PairedComparison(rounds: [first, noisy]).ratios.first)
    #expect(wide.low < wide.high)
    #expect(wide.low <= wide.ratio && wide.ratio <= wide.high)
  }
}
