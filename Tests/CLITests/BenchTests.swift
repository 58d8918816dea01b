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

  @Test("profiles every step, in JSON and as a page")
  func profilesSteps() throws {
    try Command.temporaryFolder { folder in
      let page = folder.appendingPathComponent("page.html")
      let finished = try Command.run(
        "bench", "--seconds", "0.05", "--profile", "--html", page.path, "--json", "-",
        Command.model("digits_cnn"))
      #expect(finished.status == 0, "\(finished.error)")
      let report = try #require(try finished.json([String: Any].self))
      let result = try #require((report["results"] as? [[String: Any]])?.first)
      let profile = try #require(result["profile"] as? [String: Any])
      let limits = try #require(profile["limits"] as? [String: Any])
      #expect(try #require(limits["gigaflopsPerSecond"] as? Double) > 0)
      let steps = try #require(profile["steps"] as? [[String: Any]])
      // The batch is open in the file: its symbol is bound from the input.
      let first = try #require(steps.first { $0["label"] as? String == "conv1" })
      let load = try #require(first["load"] as? [String: Any])
      #expect(try #require(load["operations"] as? Double) > 0)
      #expect((first["note"] as? String)?.hasPrefix("direct: ") == true)
      let text = try String(contentsOf: page, encoding: .utf8)
      #expect(text.components(separatedBy: "<tr data-step=").count == steps.count + 1)
    }
  }

  @Test("compares models in turns")
  func comparesInTurns() throws {
    let finished = try Command.run(
      "bench", "--seconds", "0.05", "--paired", "--json", "-", Command.model("digits_mlp"),
      Command.model("digits_cnn"))
    #expect(finished.status == 0, "\(finished.error)")
    let report = try #require(try finished.json([String: Any].self))
    let paired = try #require(report["paired"] as? [String: Any])
    let ratio = try #require((paired["ratios"] as? [[String: Double]])?.first)
    let (low, high) = (try #require(ratio["low"]), try #require(ratio["high"]))
    #expect(low > 0 && low <= high)
    // The convolutions take longer by far.
    #expect(low > 1)
  }

  @Test("says what cannot be profiled or compared")
  func refuses() throws {
    let interpreted = try Command.run(
      "bench", "--seconds", "0.01", "--engine", "interpreter", "--profile",
      Command.model("digits_mlp"))
    #expect(interpreted.status == 1)
    #expect(interpreted.error.contains("bench.no-profile"))
    let alone = try Command.run("bench", "--paired", Command.model("digits_mlp"))
    #expect(alone.status == 64)
  }
}
