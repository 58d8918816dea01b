import Foundation
import Martlet
import Tensors
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

  @Test("keeps statistics, and goes on with those of the same model only")
  func keepsStatistics() throws {
    try Command.temporaryFolder { folder in
      func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
      func quantize(_ model: String, _ samples: String, _ name: String) throws -> Command.Finished {
        try Command.run(
          "quantize", Command.model(model), "--calibration", Self.samples, "--samples", samples,
          "-o", path(name + ".onnx"), "--plan", path(name), "--statistics", path("statistics.json"))
      }
      func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
      }
      #expect(try quantize("digits_mlp", "20", "first").status == 0)
      let kept = try text("statistics.json")
      let second = try quantize("digits_mlp", "20", "second")
      #expect(second.output.contains("20 for ranges"))
      #expect(try text("first") == text("second"))
      #expect(try text("statistics.json") == kept)
      #expect(try quantize("digits_mlp", "40", "third").output.contains("40 for ranges"))
      let shown = try Command.run("statistics", "show", path("statistics.json"))
      #expect(shown.output.contains("samples   40"))
      let other = try quantize("digits_cnn", "20", "fourth")
      #expect(other.status == 1)
      #expect(other.error.contains("statistics.json: error: the statistics are of model"))
      #expect(other.error.contains("calibration.model"))
    }
  }

  @Test(
    "says what is wrong with samples, and with which",
    arguments: [
      ("empty", [], "dataset.empty"),
      ("damaged", ["damaged"], "samples/0.npy: error: not a .npy file"),
      ("shape", ["shape"], "samples/0.npy: error: found f32[3, 8, 8]"),
      ("nan", ["good", "nan"], "value 'image'"),
      ("nan in", ["good", "nan"], "in sample 'samples/1.npy'"),
      ("overflow", ["good", "large"], "node 'relu1' (Relu): error: value 'relu1'"),
      (
        "constant", ["zero"], "warning: all 64 elements of 1 samples are 0.0 [calibration.constant]"
      ),
    ] as [(String, [String], String)])
  func saysWhatIsWrong(_ name: String, _ files: [String], _ message: String) throws {
    try Command.temporaryFolder { folder in
      let samples = folder.appendingPathComponent("samples")
      try FileManager.default.createDirectory(at: samples, withIntermediateDirectories: true)
      for (index, kind) in files.enumerated() {
        let file = samples.appendingPathComponent("\(index).npy")
        let image = (0..<64).map { Float($0) / 64 }
        if kind == "damaged" {
          try Data("no numbers".utf8).write(to: file)
          continue
        }
        let (values, shape): ([Float], [Int]) =
          switch kind {
          case "shape": (image + image + image, [3, 8, 8])
          case "nan": (image.dropLast() + [.nan], [1, 8, 8])
          case "large": (image.map { _ in 3e38 }, [1, 8, 8])
          case "zero": (image.map { _ in 0 }, [1, 8, 8])
          default: (image, [1, 8, 8])
          }
        try NumpyFile.write(Tensor(values, shape: shape), to: file.path)
      }
      let finished = try Command.run(
        "quantize", Command.model("digits_mlp"), "--calibration", folder.path, "-o",
        folder.appendingPathComponent("out.onnx").path)
      #expect(finished.status == (name == "constant" ? 0 : 1), "\(finished.error)")
      #expect(finished.error.contains(message), "\(finished.error)")
    }
  }
}
