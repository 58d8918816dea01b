package import IR
import Ops
import Passes
import Tensors

/// Where a graph can be quantized: which nodes could read integers, and which values share their scale.
package struct QuantizationSites {
  /// What a node is to quantization.
  package enum Kind: Sendable {
    /// A product whose operands become integers: convolutions, Gemm, MatMul.
    case product
    /// An operator without weights that reads integers between products: residual sums, gates, average pools.
    case arithmetic
    /// An operator that moves integers without changing any: what it reads and makes has one scale.
    case carrier
  }

  /// Nodes that are of one of the kinds.
  package let kinds: [NodeID: Kind]
  /// Products and arithmetic, in graph order: the nodes that something is to be decided of.
  package let candidates: [NodeID]
  package let graph: Graph

  /// - Parameter uneven: concatenations whose operands keep scales of their own.
  package init(_ graph: Graph, uneven: Set<NodeID> = []) {
    self.graph = graph
    let roots = ValueRoots(graph) { Self.isPool($0.op) || Self.isCarrier($0, graph) }
    var kinds: [NodeID: Kind] = [:]
    var wanted: Set<ValueID> = []
    // From the end: a node between products is worth integers only if something reads them from it.
    for id in graph.nodeIDs.reversed() {
      let node = graph[id]
      let isRead = node.outputs.contains { $0.map { wanted.contains($0) } ?? false }
      var kind: Kind?
      if Self.isProduct(node, graph) {
        kind = .product
      } else if isRead {
        if Self.isCarrier(node, graph) {
          kind = uneven.contains(id) ? .arithmetic : .carrier
        } else if Self.isArithmetic(node, graph, roots) {
          kind = .arithmetic
        }
      }
      kinds[id] = kind
      if kind != nil {
        for position in QuantizedOperands.positions(of: node) {
          if let input = node.inputs[position] { wanted.insert(input) }
        }
      } else if isRead, roots.isFunction(id) {
        // An activation function: integers are wanted of what comes before it, for sums to be worth it.
        for case let input? in node.inputs { wanted.insert(input) }
      }
    }
    self.kinds = kinds
    candidates = graph.nodeIDs.filter { kinds[$0] == .product || kinds[$0] == .arithmetic }
  }

  private static func isProduct(_ node: Node, _ graph: Graph) -> Bool {
    switch node.op {
    case is Conv, is ConvTranspose, is Gemm, is MatMul: break
    default: return false
    }
    let operands = node.inputs.prefix(2)
    return operands.allSatisfy { isFloat($0, graph) }
      && operands.contains { graph.constant($0) == nil }
  }

  private static func isFloat(_ value: ValueID?, _ graph: Graph) -> Bool {
    value.flatMap { graph.tensorType($0) }?.element == .f32
  }

  private static func isPool(_ op: any Op) -> Bool { op is AveragePool || op is GlobalAveragePool }

  private static func isArithmetic(_ node: Node, _ graph: Graph, _ roots: ValueRoots) -> Bool {
    let operands = node.inputs.prefix(2)
    guard operands.allSatisfy({ isFloat($0, graph) && graph.constant($0) == nil }) else {
      return false
    }
    if isPool(node.op) { return true }
    // Two different results of products; a gate such as x * sigmoid(x) is part of the product it follows.
    guard node.op is Add || node.op is Mul, let a = node.inputs[0], let b = node.inputs[1] else {
      return false
    }
    return roots.isProduced(a) && roots.isProduced(b) && roots[a] != roots[b]
  }

  private static func isCarrier(_ node: Node, _ graph: Graph) -> Bool {
    guard node.outputs.dropFirst().allSatisfy({ $0 == nil || node.op is Split }),
      let input = node.inputs.first, isFloat(input, graph), graph.constant(input) == nil
    else { return false }
    switch node.op {
    case is MaxPool, is GlobalMaxPool, is Reshape, is Flatten, is Squeeze, is Unsqueeze,
      is Transpose, is Slice, is Split, is DepthToSpace, is SpaceToDepth, is Expand, is Tile,
      is Gather, is Identity:
      return true
    case let resize as Resize: return resize.mode == .nearest
    case is Concat:
      return node.inputs.allSatisfy { isFloat($0, graph) && graph.constant($0) == nil }
    default: return false
    }
  }

  /// The computed values that a node reads as integers.
  package func activations(of id: NodeID) -> [ValueID] {
    operands(of: id).filter { graph.constant($0) == nil }
  }

  /// The constants that a node reads as integers, with their position.
  package func weights(of id: NodeID) -> [(position: Int, value: ValueID)] {
    let node = graph[id]
    return QuantizedOperands.positions(of: node).compactMap { position in
      guard let value = node.inputs[position], graph.constant(value) != nil else { return nil }
      return (position, value)
    }
  }

  private func operands(of id: NodeID) -> [ValueID] {
    let node = graph[id]
    return QuantizedOperands.positions(of: node).compactMap { node.inputs[$0] }
  }

  /// Multiply-accumulates of one run of a node; 0 where a shape is not known.
  package func multiplyAccumulates(of id: NodeID) -> Int {
    let context = TypeInference().context(for: id, in: graph)
    return graph[id].op.multiplyAccumulates(context).value ?? 0
  }
}
