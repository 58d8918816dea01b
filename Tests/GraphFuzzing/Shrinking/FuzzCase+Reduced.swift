import Diagnostics
import IR
import Interpreter
import Tensors

extension FuzzCase {
  /// What every value of the graph holds in a run.
  func allValues() throws -> [ValueID: Value] {
    var values: [ValueID: Value] = [:]
    _ = try Interpreter(graph).run(inputs, taps: Set(graph.valueIDs)) { values[$0] = $1 }
    return values
  }

  /// The part of the graph that some outputs need, with values that are cut as inputs in place of what computes them.
  ///
  /// - Parameter values: what every value holds.
  func reduced(
    to outputs: [ValueID], cutting cut: Set<ValueID> = [], _ values: [ValueID: Value]
  ) -> FuzzCase {
    var needed = Set(outputs)
    var kept: [NodeID] = []
    for id in graph.nodeIDs.reversed() {
      let results = graph[id].outputs.compactMap { $0 }
      guard results.contains(where: { needed.contains($0) && !cut.contains($0) }) else { continue }
      kept.insert(id, at: 0)
      needed.formUnion(graph[id].inputs.compactMap { $0 })
    }
    let keptNodes = Set(kept)
    var copy = Graph(name: graph.name, source: graph.source)
    var map: [ValueID: ValueID] = [:]
    var arguments: [Value] = []
    for id in graph.valueIDs where needed.contains(id) {
      let info = graph[id]
      switch info.definition {
      case .input: map[id] = copy.addInput(info.name, info.type)
      case .constant(let tensor): map[id] = copy.addConstant(info.name, tensor)
      case .node(let node, _):
        // Other results of a node that stays remain its own.
        guard !keptNodes.contains(node) || cut.contains(id), let value = values[id] else {
          continue
        }
        map[id] = copy.addInput("\(info.name)_", value.type)
      }
      if case .constant = info.definition { continue }
      if let value = values[id] { arguments.append(value) }
    }
    for id in kept {
      let node = graph[id]
      let results = node.outputs.map { output -> (name: String, type: ValueType)? in
        output.map { (graph[$0].name, graph[$0].type) }
      }
      let made = copy.addNode(
        node.name, node.op, inputs: node.inputs.map { $0.flatMap { map[$0] } }, outputs: results)
      for case (let old?, let new?) in zip(node.outputs, copy[made].outputs) where map[old] == nil {
        map[old] = new
      }
    }
    copy.setOutputs(outputs.compactMap { map[$0] })
    return FuzzCase(graph: copy, inputs: arguments, settings: settings)
  }

  /// The case without some nodes, whose results become inputs; nil when no node is left that computes a tensor.
  func without(_ nodes: Set<NodeID>) throws -> FuzzCase? {
    if nodes.isEmpty { return self }
    let values = try allValues()
    var cut: Set<ValueID> = []
    for id in nodes { cut.formUnion(graph[id].outputs.compactMap { $0 }) }
    if cut.contains(where: { graph.tensorType($0) == nil }) { return nil }
    let outputs = graph.outputs.filter { !cut.contains($0) }
    // What only the removed nodes read is compared as well.
    let bared = nodes.flatMap { graph[$0].inputs.compactMap { $0 } }.filter { id in
      graph.producer(of: id).map { !nodes.contains($0) } ?? false
        && graph.tensorType(id) != nil && !outputs.contains(id)
    }
    var all = outputs
    for id in bared where !all.contains(id) { all.append(id) }
    return all.isEmpty ? nil : reduced(to: all, cutting: cut, values)
  }
}
