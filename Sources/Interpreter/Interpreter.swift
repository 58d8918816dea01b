import Diagnostics
public import IR
import Tensors

/// Runs a graph by calling the reference computation of each node, one after the other.
public struct Interpreter: Executor {
  public let graph: Graph
  /// Called before each node with its position and the number of nodes.
  public var progress: (@Sendable (Int, Int) -> Void)?

  public init(_ graph: Graph, progress: (@Sendable (Int, Int) -> Void)? = nil) {
    self.graph = graph
    self.progress = progress
  }

  public func run(
    _ inputs: [Value], taps: Set<ValueID>, tap: (ValueID, Value) -> Void
  ) throws -> [Value] {
    var binding = SymbolBinding()
    try binding.bind(inputs, to: graph)
    var values: [ValueID: Value] = [:]
    for (id, value) in zip(graph.inputs, inputs) { values[id] = value }
    for id in graph.inputs where taps.contains(id) { values[id].map { tap(id, $0) } }
    var remaining = useCounts()
    for (position, id) in graph.nodeIDs.enumerated() {
      progress?(position, graph.nodeIDs.count)
      let node = graph[id]
      let operands = node.inputs.map { input in input.flatMap { value(of: $0, values) } }
      let results = try evaluate(id, node, operands)
      for (output, result) in zip(node.outputs, results) {
        guard let output else { continue }
        try binding.check(result, output, of: id, in: graph)
        if taps.contains(output) { tap(output, result) }
        if remaining[output, default: 0] > 0 { values[output] = result }
      }
      for case let input? in node.inputs {
        remaining[input, default: 0] -= 1
        if remaining[input] == 0 { values[input] = nil }
      }
    }
    return try graph.outputs.map { id in
      guard let value = value(of: id, values) else {
        throw Diagnostic.internal(
          "interpreter.missing-value", "value '\(graph[id].name)' was never computed")
      }
      return value
    }
  }

  private func value(of id: ValueID, _ values: [ValueID: Value]) -> Value? {
    graph.constant(id).map { .tensor($0) } ?? values[id]
  }

  /// How often each value is read, by nodes and as an output; what is read no more is dropped.
  private func useCounts() -> [ValueID: Int] {
    var counts: [ValueID: Int] = [:]
    for id in graph.nodeIDs {
      for case let input? in graph[id].inputs { counts[input, default: 0] += 1 }
    }
    for id in graph.outputs { counts[id, default: 0] += 1 }
    return counts
  }

  private func evaluate(_ id: NodeID, _ node: Node, _ operands: [Value?]) throws(Diagnostic)
    -> [Value]
  {
    let results: [Value]
    do throws(Diagnostic) {
      results = try node.op.evaluate(operands, outputCount: node.outputs.count)
    } catch {
      throw error.located(at: graph.location(of: id))
    }
    if results.count < node.outputs.count {
      throw .internal(
        "interpreter.output-count",
        "the reference gives \(results.count) values for \(node.outputs.count) outputs",
        at: graph.location(of: id))
    }
    return results
  }
}
