import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// `%y = Relu(%x); %z = Relu(%y)`, to be damaged.
private func chain() -> (graph: Graph, first: NodeID, second: NodeID) {
  var graph = Graph(name: "g")
  let type = ValueType.tensor(.f32, [2])
  let x = graph.addInput("x", type)
  let first = graph.addNode("first", Relu(), inputs: [x], outputs: [("y", type)])
  let second = graph.addNode(
    "second", Relu(), inputs: [graph[first].outputs[0]], outputs: [("z", type)])
  graph.setOutputs(graph[second].outputs.compactMap { $0 })
  return (graph, first, second)
}

@Suite("Verifier")
struct VerifierTests {
  private func ids(_ graph: Graph) -> [String] {
    Verifier.verify(graph).diagnostics.map(\.id)
  }

  @Test("Accepts a valid graph")
  func valid() {
    #expect(ids(chain().graph) == [])
  }

  @Test("Finds a use before the definition")
  func topology() {
    var (graph, _, _) = chain()
    graph.nodeIDs.swapAt(0, 1)
    #expect(ids(graph) == ["verify.topology"])
  }

  @Test("Finds a node that the order does not list")
  func order() {
    var (graph, first, _) = chain()
    graph.nodeIDs.removeAll { $0 == first }
    #expect(ids(graph).contains("verify.order"))
  }

  @Test("Finds ids of values that do not exist")
  func dangling() {
    var (graph, first, _) = chain()
    graph.erase(first)
    #expect(ids(graph) == ["verify.dangling", "verify.uses"] || ids(graph) == ["verify.dangling"])
    var other = chain().graph
    other.setOutputs([ValueID(99)])
    #expect(ids(other) == ["verify.dangling"])
  }

  @Test("Finds types that contradict inference, and reports all of them")
  func types() {
    var (graph, first, second) = chain()
    for id in [first, second] {
      if let value = graph[id].outputs[0] {
        graph.setType(value, .tensor(.f32, [id == first ? 3 : 4]))
      }
    }
    #expect(ids(graph) == ["verify.type", "verify.type"])
  }

  @Test("Finds element types that the schema forbids")
  func elements() {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", .tensor(.bool, [2]))
    let node = graph.addNode("n", Relu(), inputs: [x], outputs: [("y", .tensor(.bool, [2]))])
    graph.setOutputs(graph[node].outputs.compactMap { $0 })
    #expect(Set(ids(graph)) == ["type.element"])
  }

  @Test("Checks graphs in attributes")
  func nested() {
    var (body, _, _) = chain()
    body.nodeIDs.swapAt(0, 1)
    var graph = Graph(name: "g")
    let x = graph.addInput("x", .tensor(.f32, [2]))
    let node = graph.addNode(
      "n", Fused(body: body), inputs: [x], outputs: [("y", .tensor(.f32, [2]))])
    graph.setOutputs(graph[node].outputs.compactMap { $0 })
    #expect(ids(graph) == ["verify.topology"])
  }

  @Test("Edits keep the lists of readers")
  func uses() throws {
    var (graph, first, second) = chain()
    let x = graph.inputs[0]
    let y = try #require(graph[first].outputs[0])
    graph.setNode(second, op: Add(), inputs: [y, y])
    #expect(graph.readers(of: y) == [second, second])
    graph.replaceUses(of: y, with: x)
    #expect(graph.readers(of: x).sorted() == [first, second, second])
    graph.erase(first)
    #expect(graph.readers(of: x) == [second, second])
    #expect(ids(graph) == [])
  }
}
