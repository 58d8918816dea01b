import Diagnostics
import Foundation
import IR
import Interpreter
import ONNXFrontend
import Tensors
import Testing

/// Graphs in attributes: what they capture, and what types they get.
struct RegionTests {
  private func branch(_ nodes: [NodeSketch], _ output: String) -> AttributeSketch {
    .graph(GraphSketch(outputs: [ValueSketch(output, .f32, nil)], nodes: nodes))
  }

  /// `y = c ? -(x + x) : relu(x + x)`, where the first branch asks `c` once more inside.
  private func nested() -> ModelSketch {
    let inner = NodeSketch(
      "If", ["c"], ["n"], name: "inner",
      [
        ("then_branch", branch([NodeSketch("Neg", ["t"], ["p"])], "p")),
        ("else_branch", branch([NodeSketch("Identity", ["local"], ["q"])], "q")),
      ])
    let outer = NodeSketch(
      "If", ["c"], ["y"], name: "outer",
      [
        ("then_branch", branch([NodeSketch("Abs", ["x"], ["local"]), inner], "n")),
        ("else_branch", branch([NodeSketch("Relu", ["t"], ["r"])], "r")),
      ])
    return ModelSketch(
      GraphSketch(
        inputs: [ValueSketch("c", .bool, []), ValueSketch("x")],
        outputs: [ValueSketch("y", .f32, nil)],
        nodes: [NodeSketch("Add", ["x", "x"], ["t"], name: "twice"), outer]))
  }

  private let x = Tensor([Float(1), -2, 3, -4, 5, -6], shape: [2, 3])

  private func results(_ graph: Graph, _ condition: Bool) throws -> [Double] {
    let inputs: [Value] = [.tensor(Tensor(scalar: condition)), .tensor(x)]
    return try Interpreter(graph).run(inputs)[0].tensor?.doubles ?? []
  }

  @Test func branchesCaptureValuesOfAllGraphsAround() throws {
    let graph = try imported(nested())
    #expect(try results(graph, true) == [-2, 4, -6, 8, -10, 12])
    #expect(try results(graph, false) == [2, 0, 6, 0, 10, 0])
    let node = try #require(graph.nodeIDs.map { graph[$0] }.first { $0.name == "outer" })
    #expect(node.inputs.map { $0.map { graph[$0].name } } == ["c", "c", "t", "x"])
    #expect(Verifier.verify(graph).isEmpty)
  }

  @Test func regionsAreWrittenAndReadAgain() throws {
    let graph = try imported(nested())
    let path = "\(try ModelSketch.newFolder())/again.onnx"
    try Exporter().export(graph, to: path)
    let again = try Importer().importModel(at: path).graph
    for condition in [true, false] {
      #expect(try results(again, condition) == results(graph, condition))
    }
  }

  @Test func knownConditionsChooseTheirBranch() throws {
    var sketch = nested()
    sketch.graph.inputs.removeFirst()
    sketch.graph.initializers = [TensorSketch("c", .bool, [], raw: [1])]
    // The branch that never runs need not fit.
    sketch.graph.nodes[1].attributes[1].1 = branch(
      [NodeSketch("MatMul", ["x", "x"], ["r"])], "r")
    let graph = try imported(sketch)
    #expect(graph.nodeIDs.map { graph[$0].opName } == ["Add", "Abs", "Neg"])
    #expect(
      try run(graph, [1, -2, 3, -4, 5, -6], shape: [2, 3])[0].doubles == [-2, 4, -6, 8, -10, 12])
  }

  @Test func branchesInsideFunctionsSeeTheirCall() throws {
    let body = NodeSketch(
      "If", ["flag"], ["r"], name: "choice",
      [
        ("then_branch", branch([NodeSketch("Add", ["a", "inside"], ["p"])], "p")),
        (
          "else_branch",
          branch(
            [
              NodeSketch(
                "If", ["flag"], ["q"],
                [
                  ("then_branch", branch([NodeSketch("Neg", ["a"], ["u"])], "u")),
                  ("else_branch", branch([NodeSketch("Identity", ["inside"], ["v"])], "v")),
                ])
            ], "q")
        ),
      ])
    let function = FunctionSketch(
      name: "Choose", inputs: ["flag", "a"], outputs: ["r"],
      nodes: [NodeSketch("Mul", ["a", "a"], ["inside"]), body])
    let graph = try imported(
      ModelSketch(
        GraphSketch(
          inputs: [ValueSketch("c", .bool, []), ValueSketch("x")],
          outputs: [ValueSketch("y", .f32, nil)],
          nodes: [NodeSketch("Choose", ["c", "x"], ["y"], domain: "local")]),
        functions: [function]))
    #expect(try results(graph, true) == [2, 2, 12, 12, 30, 30])
    #expect(try results(graph, false) == [1, 4, 9, 16, 25, 36])
  }

  @Test func carriedShapesAreThoseOfAllRuns() throws {
    let body = GraphSketch(
      inputs: [
        ValueSketch("i", .i64, []), ValueSketch("go", .bool, []), ValueSketch("v", .f32, nil),
      ],
      outputs: [
        ValueSketch("again", .bool, []), ValueSketch("w", .f32, nil), ValueSketch("s", .f32, nil),
      ],
      nodes: [
        NodeSketch("Identity", ["go"], ["again"]),
        NodeSketch("Concat", ["v", "x"], ["w"], [("axis", .int(0))]),
        NodeSketch("Identity", ["x"], ["s"]),
      ])
    let graph = try imported(
      ModelSketch(
        GraphSketch(
          inputs: [ValueSketch("m", .i64, []), ValueSketch("x")],
          outputs: [ValueSketch("y", .f32, nil), ValueSketch("z", .f32, nil)],
          nodes: [
            NodeSketch("Loop", ["m", "", "x"], ["y", "z"], name: "loop", [("body", .graph(body))])
          ])))
    #expect(
      graph.outputs.map { graph[$0].type.description } == [
        "f32[loop.0.0, 3]", "f32[loop.1.0, 2, 3]",
      ])
    let found = try Interpreter(graph).run([
      .tensor(Tensor(scalar: Int64(2))), .tensor(x),
    ]).compactMap(\.tensor)
    #expect(found.map(\.shape) == [[6, 3], [2, 2, 3]])
  }
}
