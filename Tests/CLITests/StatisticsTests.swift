import Foundation
import Testing

@Suite("martlet statistics") struct StatisticsTests {
  private static let digits = Command.root.path + "/Models/digits_eval.npz"

  private func collect(_ output: String, _ arguments: String..., model: String = "digits_mlp")
    throws
    -> Command.Finished
  {
    try Command.run(
      Command.path,
      [
        "statistics", "collect", Command.model(model), "--calibration", Self.digits, "-o", output,
      ] + arguments)
  }

  @Test("are collected, gone on with and shown")
  func collects() throws {
    try Command.temporaryFolder { folder in
      let file = folder.path + "/statistics.json"
      let first = try collect(file, "--samples", "20")
      #expect(first.status == 0, "\(first.error)")
      #expect(first.output.contains("20 samples, 20 of them new"))
      #expect(try collect(file, "--samples", "50").output.contains("50 samples, 30 of them new"))
      let shown = try Command.run("statistics", "show", file)
      #expect(shown.status == 0)
      #expect(shown.output.contains("samples   50"))
      #expect(shown.output.contains("percentile:99.99"))
      let json = try #require(
        try Command.run("statistics", "show", file, "--json").json([String: Any].self))
      let values = try #require(json["values"] as? [[String: Any]])
      let image = try #require(values.first { $0["name"] as? String == "image" })
      #expect(image["minimum"] as? Double == 0)
      #expect(image["maximum"] as? Double == 1)
      #expect((image["ranges"] as? [String: [Double]])?["mse"]?.count == 2)
    }
  }

  @Test("are merged when they are of one model and of different samples")
  func merges() throws {
    try Command.temporaryFolder { folder in
      let files = ["a", "b", "c"].map { "\(folder.path)/\($0).json" }
      #expect(try collect(files[0], "--samples", "5").status == 0)
      #expect(try collect(files[1], "--samples", "5", model: "digits_dw").status == 0)
      for (other, id) in [(files[1], "calibration.model"), (files[0], "calibration.overlap")] {
        let merged = try Command.run("statistics", "merge", files[0], other, "-o", files[2])
        #expect(merged.status == 1)
        #expect(merged.error.contains("[\(id)]"))
        #expect(!FileManager.default.fileExists(atPath: files[2]))
      }
    }
  }

  @Test("of a dataset that is not there are refused")
  func refuses() throws {
    let finished = try Command.run(
      "statistics", "collect", Command.model("digits_mlp"), "--calibration", "/nowhere", "-o",
      "/nowhere/statistics.json")
    #expect(finished.status == 1)
    #expect(finished.error.contains("[file.read]"))
    #expect(try collect("x.json", "--samples", "0").status == 64)
  }
}
