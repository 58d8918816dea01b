import IR
import Ops

/// For every value the one that it is an elementwise function of: an activation function, however it is written, has
/// the root of what it is applied to.
struct ValueRoots {
  private var roots: [ValueID: ValueID] = [:]
  /// Nodes that are elementwise functions of one value.
  private var functions: Set<NodeID> = []
  /// Values that come from a product, through activation functions, sums, gates, pools and moves.
  private var produced: Set<ValueID> = []

  init(_ graph: Graph, isMover: (Node) -> Bool) {
    for id in graph.nodeIDs {
      let node = graph[id]
      let sources = node.inputs.compactMap { $0 }.filter { graph.constant($0) == nil }
      let own = Set(sources.map { self[$0] })
      let isFunction = node.op is any Elementwise && own.count == 1
      if isFunction { functions.insert(id) }
      let keeps = isFunction || node.op is Add || node.op is Mul || isMover(node)
      let isProduced =
        Self.makesProduct(node.op)
        || (keeps && !sources.isEmpty && sources.allSatisfy { produced.contains($0) })
      for case let output? in node.outputs {
        if isFunction, let root = own.first { roots[output] = root }
        if isProduced { produced.insert(output) }
      }
    }
  }

  subscript(value: ValueID) -> ValueID { roots[value] ?? value }

  func isFunction(_ node: NodeID) -> Bool { functions.contains(node) }

  func isProduced(_ value: ValueID) -> Bool { produced.contains(value) }

  private static func makesProduct(_ op: any Op) -> Bool {
    op is Conv || op is ConvTranspose || op is Gemm || op is MatMul
  }
}
