import Foundation
import Testing

@Suite("martlet verify") struct VerifyTests {
  @Test("reports every layer against double precision")
  func reportsLayers() throws {
    let finished = try Command.run("verify", "--layers", "--json", Command.model("digits_cnn"))
    #expect(finished.status == 0, "\(finished.error)")
    let report = try #require(try finished.json([String: Any].self))
    #expect((report["outputs"] as? [[String: Any]])?.count == 1)
    let errors = try #require(report["errors"] as? [String: Any])
    let layers = try #require(errors["layers"] as? [[String: Any]])
    #expect(layers.map { $0["node"] as? String } == ["conv1", "conv2", "conv3", "dense1"])
    for layer in layers {
      let own = try #require(layer["own"] as? [String: Double])
      #expect(try #require(own["relative"]) < 2e-6)
      #expect(try #require(own["largest"]) <= 2e-6 * (try #require(own["largestOutput"])))
    }
    let output = try #require((errors["outputs"] as? [[String: Any]])?.first)
    #expect(output["name"] as? String == "logits")
  }

  @Test("has no layers of what is compiled already")
  func refusesArtefacts() throws {
    let finished = try Command.run(
      "verify", "--layers", "--engine", "interpreter", Command.model("digits_mlp"))
    #expect(finished.status == 64)
    #expect(finished.error.contains("--layers"))
  }
}
