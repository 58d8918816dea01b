import COnnx
import Foundation
import IR
import Interpreter
import ONNXFrontend
import Tensors
import TestSupport
import Testing

/// A graph that is written and read again computes what it did.
struct RoundTripTests {
  private func sketch() -> ModelSketch {
    ModelSketch(
      GraphSketch(
        inputs: [ValueSketch("x", .f32, ["N", 3])], outputs: [ValueSketch("y", .f32, nil)],
        nodes: [
          NodeSketch("Add", ["x", "k"], ["a"], name: "sum"),
          NodeSketch("Clip", ["a", "", "high"], ["b"], name: "clip"),
          NodeSketch("Softmax", ["b"], ["y"], name: "soft", [("axis", .int(0))]),
        ],
        initializers: [
          TensorSketch("k", floats: [1, 2, 3], [3]), TensorSketch("high", floats: [2.5], []),
        ]))
  }

  @Test(arguments: [1_500_000_000, -1])
  func keepsNamesAndResults(largestInlineByteCount: Int) throws {
    let graph = try imported(sketch())
    let path = "\(try ModelSketch.newFolder())/again.onnx"
    var exporter = Exporter()
    exporter.largestInlineByteCount = largestInlineByteCount
    try exporter.export(graph, to: path)
    let again = try Importer().importModel(at: path).graph
    #expect(again.nodeIDs.map { again[$0].name } == ["sum", "clip", "soft"])
    #expect(again.inputs.map { again[$0].type } == graph.inputs.map { graph[$0].type })
    let values: [Float] = [0, 1, 2, -1, 0.5, 4]
    let first = try run(graph, values, shape: [2, 3])
    let second = try run(again, values, shape: [2, 3])
    #expect(first[0].doubles == second[0].doubles)
  }

  @Test func largeWeightsLieBesideTheModel() throws {
    let weights = [Float](repeating: 0.25, count: 3000)
    let graph = try imported(
      ModelSketch(
        GraphSketch(
          inputs: [ValueSketch("x", .f32, [1000, 3])], outputs: [ValueSketch("y", .f32, nil)],
          nodes: [NodeSketch("Add", ["x", "k"], ["y"])],
          initializers: [TensorSketch("k", floats: weights, [1000, 3])])))
    let path = "\(try ModelSketch.newFolder())/large.onnx"
    var exporter = Exporter()
    exporter.largestInlineByteCount = 1000
    try exporter.export(graph, to: path)
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(path).data"))
    #expect(data.count == 12000)
    let again = try Importer().importModel(at: path).graph
    #expect(again.constant(again.value(named: "k"))?.array(of: Float.self) == weights)
  }

  @Test func declaresAnOpsetThatHasEveryOperator() throws {
    var sketch = ModelSketch(
      GraphSketch(
        inputs: [ValueSketch("x", .f32, [2, 3])], outputs: [ValueSketch("y", .f32, nil)],
        nodes: [NodeSketch("Swish", ["x"], ["a"]), NodeSketch("SwiGLU", ["a", "x"], ["y"])]))
    sketch.opsets = [("", 28)]
    let path = "\(try ModelSketch.newFolder())/new.onnx"
    try Exporter().export(try imported(sketch), to: path)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let model = try #require(conn_parse(CONN_MODEL, bytes, bytes.count))
    defer { conn_free(model) }
    #expect(conn_count(model, 8) == 1)
    #expect(conn_integer(conn_child(model, 8, 0), 2, 0) == 28)
  }

  @Test func flatteningOfOldOpsetsIsSpelledOut() throws {
    var old = sketch()
    old.opsets = [("", 11)]
    old.graph.nodes[1] = NodeSketch("Relu", ["a"], ["b"], name: "clip")
    let graph = try imported(old)
    let path = "\(try ModelSketch.newFolder())/old.onnx"
    try Exporter().export(graph, to: path)
    let again = try Importer().importModel(at: path).graph
    let values: [Float] = [0, 1, 2, -1, 0.5, 4]
    let first = try run(graph, values, shape: [2, 3])
    let second = try run(again, values, shape: [2, 3])
    #expect(again.nodeIDs.count == 6)
    #expect(first[0].doubles == second[0].doubles)
  }
}
