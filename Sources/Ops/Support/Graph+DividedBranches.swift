import Diagnostics
import IR
import Tensors

extension Graph {
  /// Nodes that copies of copies may come to, if every other branch in the rest of the graph is divided too.
  private static let mostCopies = 1 << 16

  /// Moves what depends on the results of an `If` into its branches, where these results have unequal ranks.
  ///
  ///     %s = If(%c, %x) {then: Squeeze(%x), else: %x} : f32[*]
  ///     %y = Relu(%s) : f32[*]
  ///     return %y
  /// ->
  ///     %y = If(%c, %x) {then: Relu(Squeeze(%x)), else: Relu(%x)}
  ///     return %y
  ///
  /// In each branch the rank is known then, and with it what follows from it. A branch that does not fit its rest keeps
  /// it as it is, and says so when it runs.
  ///
  /// - Returns: whether anything has been moved.
  /// - Throws: what a shape rule does not support.
  mutating func divideBranches(
    of id: NodeID, _ inference: TypeInference
  ) throws(Diagnostic) -> Bool {
    guard let op = self[id].op as? If, hasUnequalRanks(op) else { return false }
    let rest = dependents(of: id)
    let branchCount = rest.count { self[$0].op is If }
    guard !rest.isEmpty, branchCount < 16, rest.count << branchCount <= Self.mostCopies else {
      return false
    }
    let node = self[id]
    let made = Set((rest + [id]).flatMap { self[$0].outputs.compactMap { $0 } })
    let results = unique(outputs.filter(made.contains))
    let captured = unique(
      rest.flatMap { self[$0].inputs.compactMap { $0 } }
        .filter { !made.contains($0) && constant($0) == nil })
    let inputs = node.inputs + captured
    let tail = try tail(behind: node, captured, rest, results)
    let types = inputs.dropFirst().map { $0.map { self[$0].type } }
    let (thenBranch, thenFits) = try op.thenBranch.followed(by: tail, op.captureCount, types)
    let (elseBranch, elseFits) = try op.elseBranch.followed(by: tail, op.captureCount, types)
    let divided = If(
      thenBranch: thenBranch, elseBranch: elseBranch, captureCount: inputs.count - 1)
    let context = inference.context(
      inputs: inputs, outputCount: results.count, name: node.name, in: self)
    var outputs: [(name: String, type: ValueType)] = []
    for (number, (result, joined)) in zip(results, try divided.inferTypes(context)).enumerated() {
      var type = TypeInference.merge(joined, declared: self[result].type)
      // A branch that does not fit gives nothing: results have the shape that the other one says.
      if type.tensor?.shape == nil, thenFits != elseFits {
        let branch = thenFits ? thenBranch : elseBranch
        let known = context.capturedSymbols(inputs.count - 1)
        type = branch[branch.outputs[number]].type.withKnownSymbols(known) {
          context.freshDimension(output: number, axis: $0)
        }
      }
      outputs.append((self[result].name, type))
      rename(result, to: "\(self[result].name)/whole")
    }
    let new = addNode("\(node.name)/divided", divided, inputs: inputs, outputs: outputs)
    for case let (old, value?) in zip(results, self[new].outputs) {
      replaceUses(of: old, with: value)
    }
    erase(Set(rest + [id]))
    return true
  }

  private func unique(_ values: [ValueID]) -> [ValueID] {
    var seen: Set<ValueID> = []
    return values.filter { seen.insert($0).inserted }
  }

  private func hasUnequalRanks(_ op: If) -> Bool {
    zip(op.thenBranch.outputs, op.elseBranch.outputs).contains { a, b in
      guard let p = op.thenBranch.tensorType(a)?.shape, let q = op.elseBranch.tensorType(b)?.shape
      else { return false }
      return p.count != q.count
    }
  }

  /// Nodes that read what a node gives, or what such nodes give, in order.
  private func dependents(of id: NodeID) -> [NodeID] {
    var made = Set(self[id].outputs.compactMap { $0 })
    return nodeIDs.filter { other in
      guard self[other].inputs.contains(where: { $0.map(made.contains) ?? false }) else {
        return false
      }
      made.formUnion(self[other].outputs.compactMap { $0 })
      return true
    }
  }

  /// The nodes as a graph of their own, whose inputs are the results of the node before them and what they capture.
  private func tail(
    behind node: Node, _ captured: [ValueID], _ rest: [NodeID], _ results: [ValueID]
  ) throws(Diagnostic) -> Graph {
    var tail = Graph(name: node.name, source: source)
    var values: [ValueID: ValueID] = [:]
    for case let value? in node.outputs + captured {
      values[value] = tail.addInput(self[value].name, self[value].type)
    }
    try tail.append(rest, of: self, &values)
    tail.setOutputs(results.compactMap { values[$0] })
    return tail
  }

  /// The graph with another one behind it, and whether that one fits.
  ///
  /// - Parameters:
  ///   - next: its inputs are the outputs of this one, and then the last inputs of the whole.
  ///   - captureCount: how many of the inputs belong to this graph.
  ///   - types: of all inputs of the whole.
  /// - Throws: what a shape rule does not support.
  private func followed(
    by next: Graph, _ captureCount: Int, _ types: [ValueType?]
  ) throws(Diagnostic) -> (whole: Graph, fits: Bool) {
    var whole = Graph(name: name, source: source)
    let inputs = types.enumerated().map { number, type in
      whole.addInput("captured\(number)", type ?? .tensor(TensorType(.f32, nil)))
    }
    let own = Array(inputs.prefix(captureCount))
    let others = Array(inputs.dropFirst(captureCount))
    do throws(Diagnostic) {
      var (typed, inference) = (whole, TypeInference())
      let results = try typed.inline(
        self, arguments: own, prefix: "first", inference: &inference)
      let last = try typed.inline(
        next, arguments: results + others, prefix: "rest", inference: &inference)
      typed.setOutputs(last)
      return (typed, true)
    } catch {
      if error.severity != .error { throw error }
    }
    var values = Dictionary(uniqueKeysWithValues: zip(self.inputs, own))
    try whole.append(nodeIDs, of: self, &values)
    var results: [ValueID] = []
    for output in outputs { results.append(try whole.stand(for: output, of: self, &values)) }
    values = Dictionary(uniqueKeysWithValues: zip(next.inputs, results + others))
    try whole.append(next.nodeIDs, of: next, &values)
    results = []
    for output in next.outputs { results.append(try whole.stand(for: output, of: next, &values)) }
    whole.setOutputs(results)
    return (whole, false)
  }

  /// Copies nodes of another graph with the types that they have there.
  private mutating func append(
    _ nodes: [NodeID], of other: Graph, _ values: inout [ValueID: ValueID]
  ) throws(Diagnostic) {
    for id in nodes {
      let node = other[id]
      var inputs: [ValueID?] = []
      for input in node.inputs {
        guard let input else {
          inputs.append(nil)
          continue
        }
        inputs.append(try stand(for: input, of: other, &values))
      }
      let copy = addNode(
        node.name, node.op, inputs: inputs,
        outputs: node.outputs.map { $0.map { (other[$0].name, other[$0].type) } })
      for case let (old?, new?) in zip(node.outputs, self[copy].outputs) { values[old] = new }
    }
  }

  private mutating func stand(
    for value: ValueID, of other: Graph, _ values: inout [ValueID: ValueID]
  ) throws(Diagnostic) -> ValueID {
    if let known = values[value] { return known }
    guard let tensor = other.constant(value) else {
      throw .internal("graph.divide", "'\(other[value].name)' is read before it is computed")
    }
    let copy = addConstant(other[value].name, tensor)
    values[value] = copy
    return copy
  }
}
