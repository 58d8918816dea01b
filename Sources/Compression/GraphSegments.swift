import IR
import Tensors

/// A part of a graph that one executor runs: a node and whatever only it needs.
struct Segment {
  /// What a segment reads: a value, once for each candidate for quantization that reads it, and once for all others.
  struct Input: Hashable {
    let value: ValueID
    /// The candidate that reads it; nil for all other nodes.
    let reader: NodeID?
  }

  /// In graph order.
  let nodes: [NodeID]
  let inputs: [Input]
  let outputs: [ValueID]
}

/// A graph cut into segments at certain values, so that what changes in the middle need not be computed from the start.
struct GraphSegments {
  /// In an order in which every value is made before it is read.
  let segments: [Segment]

  /// - Parameters:
  ///   - sites: where the graph can be quantized.
  ///   - cuts: values that no segment computes on the way.
  ///
  /// A node joins the segment of its readers where all of them are in the same one. So a segment has one last node that
  /// everybody outside reads from, and no way leads out of it and back in.
  init(_ sites: QuantizationSites, cuts: Set<ValueID>) {
    let graph = sites.graph
    var last: [NodeID: NodeID] = [:]
    for id in graph.nodeIDs.reversed() {
      let outputs = graph[id].outputs.compactMap { $0 }
      let readers = Set(outputs.flatMap { graph.readers(of: $0) }.map { last[$0] ?? $0 })
      let isOpen = outputs.contains { cuts.contains($0) || graph.outputs.contains($0) }
      last[id] = readers.count == 1 && !isOpen ? readers.first ?? id : id
    }
    var members: [NodeID: [NodeID]] = [:]
    for id in graph.nodeIDs { members[last[id] ?? id, default: []].append(id) }
    let candidates = Set(sites.candidates)
    segments = graph.nodeIDs.compactMap { root in
      members[root].map { Self.segment($0, root, sites, candidates) }
    }
  }

  private static func segment(
    _ nodes: [NodeID], _ root: NodeID, _ sites: QuantizationSites, _ candidates: Set<NodeID>
  ) -> Segment {
    let graph = sites.graph
    let inner = Set(nodes.flatMap { graph[$0].outputs.compactMap { $0 } })
    var inputs: [Segment.Input] = []
    var seen: Set<Segment.Input> = []
    for id in nodes {
      let quantizable = candidates.contains(id) ? Set(sites.activations(of: id)) : []
      for case let value? in graph[id].inputs
      where !inner.contains(value) && graph.constant(value) == nil {
        let input = Segment.Input(value: value, reader: quantizable.contains(value) ? id : nil)
        if seen.insert(input).inserted { inputs.append(input) }
      }
    }
    let outputs = graph[root].outputs.compactMap { $0 }.filter { graph.useCount(of: $0) > 0 }
    return Segment(nodes: nodes, inputs: inputs, outputs: outputs)
  }
}

extension Segment {
  /// The segment as a graph of its own, some constants replaced by others.
  ///
  /// - Parameter weights: new data for constants, by the node that reads them and the input's position.
  func graph(of whole: Graph, weights: [NodeID: [Int: Tensor]]) -> Graph {
    var part = Graph(name: whole[nodes[nodes.count - 1]].name, source: whole.source)
    var copies: [Input: ValueID] = [:]
    for input in inputs {
      copies[input] = part.addInput(whole[input.value].name, whole[input.value].type)
    }
    var inner: [ValueID: ValueID] = [:]
    for id in nodes {
      let node = whole[id]
      let operands = node.inputs.enumerated().map { position, value -> ValueID? in
        guard let value else { return nil }
        if let tensor = whole.constant(value) {
          return part.addConstant(whole[value].name, weights[id]?[position] ?? tensor)
        }
        return inner[value] ?? copies[Input(value: value, reader: id)]
          ?? copies[Input(value: value, reader: nil)]
      }
      let results = node.outputs.map { output in
        output.map { (name: whole[$0].name, type: whole[$0].type) }
      }
      let copy = part.addNode(node.name, node.op, inputs: operands, outputs: results)
      for case (let old?, let new?) in zip(node.outputs, part[copy].outputs) { inner[old] = new }
    }
    part.setOutputs(outputs.compactMap { inner[$0] })
    return part
  }
}
