import Foundation
import Testing

@Suite("martlet inspect") struct InspectTests {
  @Test("counts operators, parameters and work")
  func counts() throws {
    let finished = try Command.run("inspect", "--json", Command.model("digits_cnn"))
    #expect(finished.status == 0)
    let summary = try #require(try finished.json([String: Any].self))
    #expect(
      summary["operators"] as? [String: Int] == [
        "BatchNormalization": 3, "Conv": 3, "Flatten": 1, "Gemm": 1, "MaxPool": 2, "Relu": 3,
      ])
    #expect(summary["opsets"] as? [String: Int] == ["ai.onnx": 13])
    // 8 x 8 x 16 x 9 + 8 x 8 x 32 x 144 + 4 x 4 x 32 x 288 + 128 x 10.
    #expect(summary["multiplyAccumulates"] as? String == "452864 * N")
    #expect(
      summary["inputs"] as? [[String: String]] == [["name": "image", "type": "f32[N, 1, 8, 8]"]])
  }

  @Test("binds symbols and whole shapes", arguments: ["N=3", "image=3,1,8,8"])
  func binds(_ shape: String) throws {
    let finished = try Command.run(
      "inspect", "--json", "--shape", shape, Command.model("digits_cnn"))
    let summary = try #require(try finished.json([String: Any].self))
    #expect(summary["multiplyAccumulates"] as? String == "\(3 * 452_864)")
    #expect(
      summary["outputs"] as? [[String: String]] == [["name": "logits", "type": "f32[3, 10]"]])
  }

  @Test(
    "refuses shapes that contradict the model",
    arguments: ["image=1,1,8", "image=1,1,9,8", "M=3", "N=1,2"])
  func refuses(_ shape: String) throws {
    let finished = try Command.run("inspect", "--shape", shape, Command.model("digits_cnn"))
    #expect(finished.status == 1)
    #expect(finished.error.contains("[shape.binding]"))
    #expect(finished.output.isEmpty)
  }
}
