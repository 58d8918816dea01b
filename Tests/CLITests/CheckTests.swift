import Foundation
import Testing

@Suite("martlet check") struct CheckTests {
  @Test("finds nothing wrong with the trained models", arguments: TrainedModel.all)
  func acceptsTrainedModels(_ model: TrainedModel) throws {
    let finished = try Command.run("check", Command.model(model.name))
    #expect(finished.status == 0)
    #expect(finished.output.hasSuffix("can be compiled\n"))
  }

  @Test("reports a damaged file as JSON and exits with 1")
  func reportsDamage() throws {
    try Command.temporaryFolder { folder in
      let file = folder.appendingPathComponent("damaged.onnx")
      let bytes = try Data(contentsOf: URL(fileURLWithPath: Command.model("digits_mlp")))
      try bytes.prefix(1000).write(to: file)
      let finished = try Command.run("check", "--json", file.path)
      #expect(finished.status == 1)
      let report = try #require(try finished.json([String: Any].self))
      #expect(report["compiles"] as? Bool == false)
      let findings = try #require(report["findings"] as? [[String: Any]])
      #expect(findings.contains { $0["severity"] as? String == "error" })
    }
  }

  @Test("names a file that is not there")
  func namesMissingFile() throws {
    let finished = try Command.run("check", "no-such-model.onnx")
    #expect(finished.status == 1)
    #expect(finished.error.contains("no-such-model.onnx"))
  }

  @Test("leaves usage errors to status 64")
  func reportsUsage() throws {
    #expect(try Command.run("check").status == 64)
    #expect(try Command.run("no-such-verb").status == 64)
    #expect(try Command.run("inspect", "--shape", "x", Command.model("digits_mlp")).status == 64)
  }
}
