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
}
