import Foundation
import Testing

@Suite("martlet bench") struct BenchTests {
  @Test("reports ordered latencies")
  func reportsLatencies() throws {
    let finished = try Command.run(
      "bench", "--engine", "interpreter", "--seconds", "0.05", "--json", "-",
      Command.model("digits_mlp"))
    #expect(finished.status == 0)
    let report = try #require(try finished.json([String: Any].self))
    let result = try #require((report["results"] as? [[String: Any]])?.first)
    let latency = try #require(result["latency"] as? [String: Any])
    let times = try ["min", "median", "p90", "p99"].map { try #require(latency[$0] as? Double) }
    #expect(times == times.sorted())
    #expect(times[0] > 0)
    #expect(latency["count"] as? Int == (latency["all"] as? [Double])?.count)
  }
}
