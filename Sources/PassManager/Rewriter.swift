package import Diagnostics
package import IR
package import Tensors

/// A node together with its operator, as a pattern found them.
package struct Match<Operator: Op>: Sendable {
  package let id: NodeID
  package let node: Node
  package let op: Operator

  /// Input number `index`; nil where it is left out.
  package func input(_ index: Int) -> ValueID? {
    index < node.inputs.count ? node.inputs[index] : nil
  }

  /// The first output; nil where it is unused.
  package var output: ValueID? { node.outputs.first ?? nil }
}

/// The one door through which passes edit a graph.
///
/// It counts changes, infers the types of what it inserts, refuses replacements whose types contradict those they
/// replace, and removes what an edit leaves without readers. Value names keep their meaning: a value that a rewrite
/// recomputes in another way keeps its name, and the graph's outputs keep theirs always.
///
/// When the bisect limit is reached the questions that start a rewrite (`node`, `match`) answer nil, so a rewrite that
/// has begun ends and no further one begins.
package struct Rewriter {
  package private(set) var graph: Graph
  /// How many edits have been made.
  package private(set) var changeCount = 0
  let changeLimit: Int
  /// Values from this index on were made by this pass.
  private let firstNewValue: Int
  private var inference: TypeInference?

  package init(_ graph: Graph, changeLimit: Int = .max) {
    self.graph = graph
    self.changeLimit = changeLimit
    firstNewValue = graph.valueTable.count
  }

  mutating func inferred() -> TypeInference {
    if let inference { return inference }
    var fresh = TypeInference()
    for id in graph.nodeIDs { fresh.noteContents(of: id, in: graph) }
    inference = fresh
    return fresh
  }

  // MARK: Additions

  /// A new constant; it may stay unused.
  package mutating func makeConstant(_ tensor: Tensor, name: String) -> ValueID {
    graph.addConstant(name, tensor)
  }

  /// Gives a value a name if no other value has it any more, such as that of the constant it stands in for.
  package mutating func adopt(_ name: String, for value: ValueID) {
    if graph.value(named: name) == nil { graph.rename(value, to: name) }
  }

  /// Puts a node before another one and returns its outputs.
  ///
  /// - Throws: what the operator's shape rule says of the inputs, as an internal error.
  package mutating func insertNode(
    _ op: any Op, inputs: [ValueID?], before place: NodeID, name: String, outputCount: Int = 1
  ) throws(Diagnostic) -> [ValueID] {
    let types = try infer(op, inputs, outputCount, name)
    let outputs = types.prefix(outputCount).enumerated().map { index, type in
      (name: index == 0 ? name : "\(name).\(index)", type: type)
    }
    let id = graph.addNode(name, op, inputs: inputs, outputs: outputs, before: place)
    changeCount += 1
    inference?.noteContents(of: id, in: graph)
    return graph[id].outputs.compactMap { $0 }
  }

  /// Puts a node with one output before another one and returns the output.
  ///
  /// - Throws: what the operator's shape rule says of the inputs, as an internal error.
  package mutating func insert(
    _ op: any Op, inputs: [ValueID?], before place: NodeID, name: String
  ) throws(Diagnostic) -> ValueID {
    try insertNode(op, inputs: inputs, before: place, name: name)[0]
  }

  private mutating func infer(
    _ op: any Op, _ inputs: [ValueID?], _ outputCount: Int, _ name: String
  ) throws(Diagnostic) -> [ValueType] {
    let context = inferred().context(
      inputs: inputs, outputCount: outputCount, name: name, in: graph)
    do throws(Diagnostic) {
      let schema = Swift.type(of: op).schema
      if let problem = schema.check(inputs: context.types, outputCount: outputCount).first {
        throw problem
      }
      return try op.inferTypes(context)
    } catch {
      throw .internal(
        "rewrite.infer",
        "a new \(Swift.type(of: op).schema.qualifiedName) node '\(name)' does not "
          + "fit its inputs: \(error.message) [\(error.id)]")
    }
  }

  // MARK: The whole graph

  /// Rewrites the graph at once, as one edit.
  ///
  /// - Parameter body: returns whether it has changed anything.
  package mutating func edit(
    _ body: (inout Graph) throws(Diagnostic) -> Bool
  ) throws(Diagnostic) {
    guard changeCount < changeLimit, try body(&graph) else { return }
    changeCount += 1
    inference = nil
  }

  // MARK: Replacements

  /// Makes a node compute its outputs in another way; whatever only the old form read goes away.
  ///
  /// - Parameter named: the node's new name, such as that of the anchor it has taken in; nil keeps the old one.
  /// - Throws: `rewrite.type` (internal) when a new output type contradicts the old one.
  package mutating func replace(
    _ id: NodeID, with op: any Op, inputs: [ValueID?], named: String? = nil
  ) throws(Diagnostic) {
    let node = graph[id]
    let types = try infer(op, inputs, node.outputs.count, node.name)
    for (index, output) in node.outputs.enumerated() {
      guard let output else { continue }
      guard index < types.count, let merged = Self.refine(graph[output].type, types[index]) else {
        let found = index < types.count ? types[index].description : "missing"
        throw .internal(
          "rewrite.type",
          "the replacement's output \(index) is \(found), expected "
            + "\(graph[output].type)", at: graph.location(of: id))
      }
      graph.setType(output, merged)
    }
    graph.setNode(id, op: op, inputs: inputs)
    changeCount += 1
    inference?.noteContents(of: id, in: graph)
    removeUnused(node.inputs)
    if let named { graph.rename(id, to: named) }
  }

  /// Makes everybody who reads `old` read `new`, an equal value.
  ///
  /// Refused (false) where an output of the graph would lose its name: when `old` is a graph output and `new` is an
  /// input or an output itself.
  ///
  /// - Throws: `rewrite.type` (internal) when the types contradict each other.
  @discardableResult
  package mutating func forward(_ old: ValueID, to new: ValueID) throws(Diagnostic) -> Bool {
    guard old != new else { return false }
    guard let merged = Self.refine(graph[new].type, graph[old].type) else {
      throw .internal(
        "rewrite.type",
        "'%\(graph[old].name)' is \(graph[old].type), its replacement "
          + "'%\(graph[new].name)' is \(graph[new].type)")
    }
    let isOutput = isGraphOutput(old)
    if isOutput, !canBecomeOutput(new) { return false }
    let name = graph[old].name
    let sizes = ownSizes(of: old, as: merged)
    let isNew = Int(new.index) >= firstNewValue && !isGraphOutput(new)
    if case .node = graph[new].definition { graph.setType(new, merged) }
    graph.replaceUses(of: old, with: new)
    if !sizes.isEmpty {
      graph.substitute(sizes)
      inference = nil
    }
    changeCount += 1
    removeUnused([old])
    if isOutput || isNew {
      if graph.contains(old) { graph.rename(old, to: name + "_old") }
      graph.rename(new, to: name)
    }
    return true
  }

  /// What stands in another type for the symbols that only the node of a value gives their values, and with it goes away.
  private func ownSizes(of old: ValueID, as type: ValueType) -> [Symbol: IndexExpr] {
    guard let id = graph.producer(of: old) else { return [:] }
    var sizes: [Symbol: IndexExpr] = [:]
    for (own, other) in zip(graph.tensorType(old)?.shape ?? [], type.tensor?.shape ?? []) {
      guard let symbol = own.asSymbol, own != other,
        symbol.name.hasPrefix("\(graph[id].name).")
      else { continue }
      sizes[symbol] = other
    }
    return sizes
  }

  private func canBecomeOutput(_ value: ValueID) -> Bool {
    if isGraphOutput(value) { return false }
    if case .input = graph[value].definition { return false }
    return true
  }

  /// Makes a value a constant.
  ///
  /// - Throws: `rewrite.type` (internal) when the tensor's type contradicts the value's.
  package mutating func forward(_ old: ValueID, to tensor: Tensor) throws(Diagnostic) {
    try forward(old, to: makeConstant(tensor, name: graph[old].name))
  }

  /// Infers a node's output types again and keeps what they say more; a change only where they do.
  package mutating func refineTypes(of id: NodeID) {
    let context = inferred().context(for: id, in: graph)
    let types = (try? graph[id].op.infer(context)) ?? []
    for (output, type) in zip(graph[id].outputs, types) {
      guard let output, let merged = Self.refine(graph[output].type, type),
        merged != graph[output].type
      else { continue }
      graph.setType(output, merged)
      changeCount += 1
    }
    inference?.noteContents(of: id, in: graph)
  }

  /// Puts numbers in the place of symbols in the types of all values, inputs among them.
  package mutating func fix(_ numbers: [Symbol: Int]) {
    if numbers.isEmpty { return }
    for id in graph.valueIDs {
      guard let type = graph.tensorType(id), let shape = type.shape else { continue }
      let fixed = shape.map { $0.substituting { numbers[$0].map { IndexExpr($0) } } }
      if fixed == shape { continue }
      graph.setType(id, .tensor(type.element, fixed))
      changeCount += 1
    }
    inference = nil
  }

  /// Removes nodes whose outputs nobody reads, and what only they read.
  package mutating func erase(_ id: NodeID) {
    let outputs = graph[id].outputs.compactMap { $0 }
    precondition(outputs.allSatisfy { graph.useCount(of: $0) == 0 }, "a node in use is erased")
    changeCount += 1
    let inputs = graph[id].inputs
    graph.erase(id)
    removeUnused(inputs)
  }

  /// Removes a constant that nobody reads.
  package mutating func eraseConstant(_ value: ValueID) {
    guard graph.constant(value) != nil, graph.useCount(of: value) == 0 else { return }
    graph.eraseValue(value)
    changeCount += 1
  }

  /// Removes those of the values that nobody reads, and their producers when they make nothing else of use.
  private mutating func removeUnused(_ values: [ValueID?]) {
    var waiting = values.compactMap { $0 }
    while let value = waiting.popLast() {
      guard graph.contains(value), graph.useCount(of: value) == 0 else { continue }
      switch graph[value].definition {
      case .input: continue
      case .constant: graph.eraseValue(value)
      case .node(let id, _):
        let node = graph[id]
        guard node.outputs.allSatisfy({ $0.map { graph.useCount(of: $0) == 0 } ?? true }) else {
          continue
        }
        graph.erase(id)
        waiting += node.inputs.compactMap { $0 }
      }
    }
  }

  /// What both types together say, with the first one's symbols; nil when they contradict each other.
  private static func refine(_ a: ValueType, _ b: ValueType) -> ValueType? {
    guard a.isCompatible(with: b) else { return nil }
    guard case .tensor(let p) = a, case .tensor(let q) = b else { return a }
    guard let shape = p.shape else { return b }
    guard let other = q.shape else { return a }
    return .tensor(p.element, zip(shape, other).map { $0.isConstant || !$1.isConstant ? $0 : $1 })
  }
}
