import IR
import Ops
import PassManager
import Tensors

/// Operators that one loop nest can compute: at most one anchor, then elementwise ones, all of the same shape.
struct ElementwiseRegion {
  /// In graph order; the root is last.
  let nodes: [NodeID]
  let anchor: NodeID?
  /// What the region reads: the anchor's inputs first, then the others, each once.
  let inputs: [ValueID]

  /// Beyond this many operators the loops gain nothing and registers run out.
  private static let largestSize = 48

  /// Grows the region that ends in `root`; nil when it would be a single node.
  init?(root: NodeID, _ rw: Rewriter, _ positions: [NodeID: Int]) {
    let graph = rw.graph
    guard let shape = Self.elementwiseShape(of: root, graph) else { return nil }
    var members: Set<NodeID> = [root]
    var candidates: Set<NodeID> = []
    var waiting = [root]
    while let id = waiting.popLast() {
      for case let input? in graph[id].inputs {
        guard let producer = graph.producer(of: input), positions[producer] != nil,
          !members.contains(producer), !candidates.contains(producer),
          graph.tensorType(input)?.shape == shape, !graph.outputs.contains(input),
          graph.readers(of: input).allSatisfy({ members.contains($0) })
        else { continue }
        if Self.elementwiseShape(of: producer, graph) != nil {
          guard members.count < Self.largestSize else { continue }
          members.insert(producer)
          waiting.append(producer)
          // A value that several members read is looked at again through each of them, the last time with success.
        } else if Self.isAnchor(producer, graph) {
          candidates.insert(producer)
        }
      }
    }
    anchor = candidates.max { positions[$0, default: 0] < positions[$1, default: 0] }
    if let anchor {
      members = Self.withoutOthers(members, root, anchor, candidates, graph)
      members.insert(anchor)
    }
    guard members.count > 1 else { return nil }
    nodes = members.sorted { positions[$0, default: 0] < positions[$1, default: 0] }
    inputs = Self.inputs(of: nodes, anchor, graph)
  }

  /// The members without those that do not need the anchor but another candidate: they stay with that one.
  private static func withoutOthers(
    _ members: Set<NodeID>, _ root: NodeID, _ anchor: NodeID, _ candidates: Set<NodeID>,
    _ graph: Graph
  ) -> Set<NodeID> {
    func closure(_ starts: Set<NodeID>, throughBytes: Bool = true) -> Set<NodeID> {
      var found = starts
      var waiting = Array(starts)
      while let id = waiting.popLast() {
        for case let output? in graph[id].outputs {
          let isByte = graph.tensorType(output)?.element.bitWidth ?? 0 <= 8
          if isByte, !throughBytes { continue }
          for reader in graph.readers(of: output) where members.contains(reader) {
            if found.insert(reader).inserted { waiting.append(reader) }
          }
        }
      }
      return found
    }
    let needed = closure([anchor])
    // Bytes are what is best handed over: what makes floats of them again stays here.
    let others = closure(candidates.subtracting([anchor]), throughBytes: false)
    var kept = members.subtracting(others.subtracting(needed))
    // What only fed the nodes that have left leaves with them.
    var changed = true
    while changed {
      changed = false
      for id in kept where id != root {
        let readers = graph[id].outputs.compactMap { $0 }.flatMap { graph.readers(of: $0) }
        if !readers.allSatisfy({ kept.contains($0) }) {
          kept.remove(id)
          changed = true
        }
      }
    }
    return kept
  }

  private static func inputs(of nodes: [NodeID], _ anchor: NodeID?, _ graph: Graph) -> [ValueID] {
    let inner = Set(nodes.flatMap { graph[$0].outputs.compactMap { $0 } })
    let ordered = (anchor.map { [$0] } ?? []) + nodes.filter { $0 != anchor }
    var seen: Set<ValueID> = []
    var inputs: [ValueID] = []
    for case let input? in ordered.flatMap({ graph[$0].inputs }) where !inner.contains(input) {
      if seen.insert(input).inserted { inputs.append(input) }
    }
    return inputs
  }

  /// The shape of an elementwise node's only result; nil for other nodes.
  private static func elementwiseShape(of id: NodeID, _ graph: Graph) -> [IndexExpr]? {
    let node = graph[id]
    if isReadAsBytes(id, graph) { return nil }
    guard node.op is any Elementwise, node.op.isDeterministic, node.outputs.count == 1,
      let output = node.outputs[0], let type = graph.tensorType(output),
      isComputable(type.element),
      node.inputs.allSatisfy({ input in
        input.map { graph.tensorType($0).map { isComputable($0.element) } ?? false } ?? true
      })
    else { return nil }
    return type.shape
  }

  /// Whether a node makes floats of bytes for operators that can read the bytes.
  private static func isReadAsBytes(_ id: NodeID, _ graph: Graph) -> Bool {
    let node = graph[id]
    guard node.castBytes(in: graph) != nil, let output = node.outputs[0],
      !graph.outputs.contains(output)
    else { return false }
    return graph.readers(of: output).allSatisfy { graph[$0].canReadBytes(of: output) }
  }

  private static func isComputable(_ type: ElementType) -> Bool {
    !type.isSmallFloat && !type.isComplex && type.bitWidth >= 8
  }

  /// Whether a node owns loops that hand each result to what follows: products, pools, reductions, normalizations...
  private static func isAnchor(_ id: NodeID, _ graph: Graph) -> Bool {
    let node = graph[id]
    let isKind =
      switch node.op {
      case is ConvInteger, is MatMulInteger, is any MultipliedIntegerLayer: true
      case is Conv, is ConvTranspose, is Gemm, is MatMul, is Gather, is Concat, is Resize: true
      case is any PoolOp, is any GlobalPoolOp, is any Reduction, is any SoftmaxOp: true
      case is LayerNormalization, is GroupNormalization, is InstanceNormalization,
        is RMSNormalization, is BatchNormalization, is LRN, is LpNormalization:
        true
      default: false
      }
    let others = node.outputs.dropFirst().compactMap { $0 }
    return isKind && others.allSatisfy { graph.useCount(of: $0) == 0 }
  }

  /// The node's name: that of its anchor, or of its last operator.
  func name(_ graph: Graph) -> String? { anchor.map { graph[$0].name } }

  /// The region as a graph of its own; values keep their names.
  func body(_ graph: Graph) -> Graph {
    let root = nodes[nodes.count - 1]
    var body = Graph(name: name(graph) ?? graph[root].name, source: graph.source)
    var inner: [ValueID: ValueID] = [:]
    for input in inputs { inner[input] = body.addInput(graph[input].name, graph[input].type) }
    for id in nodes {
      let node = graph[id]
      let results = node.outputs.prefix(1).map { output in
        output.map { (name: graph[$0].name, type: graph[$0].type) }
      }
      let copy = body.addNode(
        node.name, node.op, inputs: node.inputs.map { $0.flatMap { inner[$0] } },
        outputs: results)
      for case (let old?, let new?) in zip(node.outputs, body[copy].outputs) { inner[old] = new }
    }
    body.setOutputs(graph[root].outputs.compactMap { $0.flatMap { inner[$0] } })
    return body
  }
}
