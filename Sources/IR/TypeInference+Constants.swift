import Diagnostics
public import Tensors

extension TypeInference {
  /// The most elements that a result computed for the sake of shapes may have.
  private static let largestResult = 4096
  /// The most elements that all inputs of such a computation may have.
  private static let largestOperands = 65536
  /// The most multiply-accumulates that such a computation may take.
  private static let largestWork = 10_000_000

  /// The value of a constant, or of something computed from constants.
  public func constant(_ id: ValueID?, in graph: Graph) -> Tensor? {
    guard let id else { return nil }
    return constants[id] ?? graph.constant(id)
  }

  /// Computes a node that reads nothing but small constants, so that shapes which depend on it become numbers.
  ///
  /// A computation that fails leaves its results unknown: it fails again, with its place, when the model runs.
  mutating func evaluateIfConstant(_ id: NodeID, in graph: Graph) {
    let node = graph[id]
    guard node.outputs.contains(where: { $0.map { constants[$0] == nil } ?? false }),
      node.op.isDeterministic, let operands = operands(of: node, in: graph),
      node.outputs.allSatisfy({ $0.map { isSmall(graph[$0].type) } ?? true }),
      isQuick(id, in: graph)
    else { return }
    let results = try? node.op.evaluate(operands, outputCount: node.outputs.count)
    for (output, result) in zip(node.outputs, results ?? []) {
      guard let output, let tensor = result.tensor, matches(tensor, graph[output].type) else {
        continue
      }
      constants[output] = tensor
      if contents[output] == nil { contents[output] = tensor.integers?.map { IndexExpr($0) } }
    }
  }

  /// The inputs of a node, when all are known and small.
  private func operands(of node: Node, in graph: Graph) -> [Value?]? {
    var total = 0
    var operands: [Value?] = []
    for input in node.inputs {
      guard let input else {
        operands.append(nil)
        continue
      }
      guard let tensor = constant(input, in: graph) else { return nil }
      total += tensor.elementCount
      if total > Self.largestOperands { return nil }
      operands.append(.tensor(tensor))
    }
    return operands
  }

  private func isSmall(_ type: ValueType) -> Bool {
    guard let count = type.tensor?.staticShape?.checkedElementCount else { return false }
    return count <= Self.largestResult
  }

  private func isQuick(_ id: NodeID, in graph: Graph) -> Bool {
    let op = graph[id].op
    let hasGraph = op.attributes.entries.contains { entry in
      if case .graph = entry.value { return true }
      return false
    }
    guard !hasGraph else { return false }
    let work = op.multiplyAccumulates(context(for: id, in: graph)).value
    return work.map { $0 <= Self.largestWork } ?? false
  }

  private func matches(_ tensor: Tensor, _ type: ValueType) -> Bool {
    type.tensor.map { $0.element == tensor.type && $0.staticShape == tensor.shape } ?? false
  }
}
