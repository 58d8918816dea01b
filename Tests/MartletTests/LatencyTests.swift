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
}
