import Foundation
import Testing

@Suite("martlet quantize") struct QuantizeTests {
  private static let samples = Command.root.path + "/Models/digits_eval.npz"

  @Test("writes a model and a plan, and the plan alone gives the same model")
  func writesPlan() throws {
    try Command.temporaryFolder { folder in
      let paths = ["first.onnx", "second.onnx", "plan"].map {
        folder.appendingPathComponent($0).path
      }
      let first = try Command.run(
        "quantize", Command.model("digits_mlp"), "--calibration", Self.samples, "--samples", "16",
        "-o", paths[0], "--plan", paths[2], "--json")
      #expect(first.status == 0, "\(first.error)")
      let summary = try #require(try first.json([String: Any].self))
      #expect(summary["measure"] as? String == "kl-divergence")
      #expect(summary["integerShare"] as? Double ?? 0 >= 0.95)
      let second = try Command.run(
        "quantize", Command.model("digits_mlp"), "-o", paths[1], "--plan", paths[2])
      #expect(second.status == 0, "\(second.error)")
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: paths[0]))
          == Data(contentsOf: URL(fileURLWithPath: paths[1])))
    }
  }

  @Test("says which file is missing")
  func saysMissing() throws {
    let finished = try Command.run(
      "quantize", Command.model("digits_mlp"), "--calibration", "/nowhere.npz", "-o", "/dev/null")
    #expect(finished.status == 1)
    #expect(finished.error.contains("/nowhere.npz: error: cannot read"))
  }

  @Test("wants samples or a plan")
  func wantsSamples() throws {
    let finished = try Command.run("quantize", Command.model("digits_mlp"), "-o", "/dev/null")
    #expect(finished.status == 64)
  }

  @Test("writes reports as a page and as JSON")
  func writesReports() throws {
    try Command.temporaryFolder { folder in
      let files = ["model.onnx", "report.html", "report.json"].map {
        folder.appendingPathComponent($0).path
      }
      let finished = try Command.run(
        "quantize", Command.model("digits_mlp"), "--calibration", Self.samples, "--samples", "8",
        "-o", files[0], "--report", files[1], "--report", files[2])
      #expect(finished.status == 0, "\(finished.error)")
      #expect(try String(contentsOfFile: files[1], encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
      let data = try Data(contentsOf: URL(fileURLWithPath: files[2]))
      let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(report["version"] as? Int == 1)
      #expect((report["layers"] as? [Any])?.count == 3)
    }
  }

  @Test("has nothing to report of a plan that it only carries out")
  func refusesReportOfPlan() throws {
    try Command.temporaryFolder { folder in
      let plan = folder.appendingPathComponent("plan").path
      try "martlet quantization plan 1\n".write(toFile: plan, atomically: true, encoding: .utf8)
      let finished = try Command.run(
        "quantize", Command.model("digits_mlp"), "--plan", plan, "-o", "/dev/null", "--report",
        "/dev/null")
      #expect(finished.status == 64)
    }
  }
}
