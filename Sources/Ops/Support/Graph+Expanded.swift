package import Diagnostics
package import IR
import Tensors

/// A graph of tensors alone that computes what one with sequences and optionals does.
package struct UnrolledGraph: Sendable {
  package var graph: Graph
  /// What the outputs of the other graph are made of; the tensors are outputs of this one, in order.
  package var outputs: [Unrolled]
}

extension Graph {
  /// Puts the graphs that operators come down to in their places, as far as what is known decides them, lets sequences
  /// and optionals of known lengths disappear, and removes what nobody reads then.
  ///
  /// - Throws: what a shape rule says, located at the operator.
  package mutating func expandComposed() throws(Diagnostic) {
    var expansion = Expansion(self)
    try expansion.run()
    self = expansion.finish()
  }

  /// Does so for control flow alone: known branches, short loops, branches of unequal ranks.
  ///
  /// - Returns: whether there was any.
  /// - Throws: what a shape rule says, located at the operator.
  package mutating func expandControl() throws(Diagnostic) -> Bool {
    var expansion = Expansion(self)
    expansion.isControlOnly = true
    try expansion.run()
    self = expansion.finish()
    return expansion.isChanged
  }

  /// The graph for inputs that are made of as many tensors, of the same shapes, as these values.
  ///
  /// - Parameter constants: inputs that become constants with these very values.
  /// - Throws: `lowering.sequence` (unsupported) where outputs are not known to be made of tensors.
  package func unrolled(
    for arguments: [Value], keeping constants: Set<ValueID> = []
  ) throws(Diagnostic) -> UnrolledGraph {
    var expansion = Expansion(self)
    expansion.bind(arguments, constants)
    try expansion.run()
    var results: [Unrolled] = []
    for id in expansion.folder.graph.outputs {
      guard let contents = expansion.folder.contents(of: id) else {
        throw .unsupported(
          "lowering.sequence",
          "'\(self[id].name)' is \(self[id].type), whose length follows only from data",
          at: .value(model: source, name: self[id].name))
      }
      results.append(contents)
    }
    return UnrolledGraph(graph: try expansion.finish(results), outputs: results)
  }
}

/// A graph on its way to one of tensors and operators that have code of their own.
private struct Expansion {
  var folder: SequenceFolder
  private(set) var isChanged = false
  /// Whether other operators than those of control flow stay as they are.
  var isControlOnly = false
  /// Nodes whose outputs are known to be made of other values.
  private var folded: Set<NodeID> = []
  /// Inputs that are made of others now.
  private var replaced: [ValueID] = []

  /// Symbols that inputs bind: they stand for nothing else.
  private var bound: Set<Symbol> = []

  init(_ graph: Graph) {
    folder = SequenceFolder(graph, TypeInference())
    noteBound()
  }

  private mutating func noteBound() {
    for id in folder.graph.inputs {
      for dimension in folder.graph.tensorType(id)?.shape ?? [] {
        bound.formUnion(dimension.symbols)
      }
    }
  }

  private mutating func substitute(_ sizes: [Symbol: IndexExpr]) {
    folder.graph.substitute(sizes.filter { !bound.contains($0.key) })
  }

  /// Gives inputs that are no tensors an input for each tensor in them, and makes some tensors constants.
  mutating func bind(_ arguments: [Value], _ constants: Set<ValueID>) {
    var inputs: [ValueID] = []
    for (id, value) in zip(folder.graph.inputs, arguments) {
      if constants.contains(id), let tensor = value.tensor {
        let known = folder.graph.addConstant("\(folder.graph[id].name).value", tensor)
        folder.graph.replaceUses(of: id, with: known)
        replaced.append(id)
        isChanged = true
      } else if folder.graph.tensorType(id) != nil {
        inputs.append(id)
      } else {
        folder.known[id] = addInputs(folder.graph[id].name, value, &inputs)
        replaced.append(id)
        isChanged = true
      }
    }
    folder.graph.setInputs(inputs)
    noteBound()
  }

  private mutating func addInputs(_ name: String, _ value: Value, _ inputs: inout [ValueID])
    -> Unrolled
  {
    switch value {
    case .tensor:
      let id = folder.graph.addInput(name, value.type)
      inputs.append(id)
      return .tensor(id)
    case .sequence(let elements):
      var parts: [Unrolled] = []
      for (number, element) in elements.enumerated() {
        parts.append(addInputs("\(name).\(number)", element, &inputs))
      }
      return .sequence(parts)
    case .optional(let element):
      return element.map { addInputs(name, $0, &inputs) } ?? .nothing
    case .map: return .nothing
    }
  }

  mutating func run() throws(Diagnostic) {
    var position = 0
    while position < folder.graph.nodeIDs.count {
      let id = folder.graph.nodeIDs[position]
      do throws(Diagnostic) {
        if isChanged { try infer(id) }
        if isWanted(id), try expand(id) { continue }
        if !isControlOnly, try fold(id) { continue }
        if try folder.graph.divideBranches(of: id, folder.inference) {
          isChanged = true
          continue
        }
      } catch {
        throw error.located(at: folder.graph.location(of: id))
      }
      folder.inference.noteContents(of: id, in: folder.graph)
      position += 1
    }
  }

  private func isWanted(_ id: NodeID) -> Bool {
    let node = folder.graph[id]
    return !isControlOnly
      || node.op is any RegionOp
        && (node.inputs + node.outputs).allSatisfy {
          $0.map { folder.graph.tensorType($0) != nil } ?? true
        }
  }

  /// Types of outputs that follow from what has changed before.
  private mutating func infer(_ id: NodeID) throws(Diagnostic) {
    let node = folder.graph[id]
    let context = folder.inference.context(for: id, in: folder.graph)
    let op = try node.op.typed(for: context)
    if op is any Retyped { folder.graph.setNode(id, op: op, inputs: node.inputs) }
    var sizes: [Symbol: IndexExpr] = [:]
    for (output, type) in zip(node.outputs, try op.inferTypes(context)) {
      guard let output else { continue }
      let old = folder.graph[output].type
      let merged = keepingBound(TypeInference.merge(type, declared: old), old)
      folder.graph.setType(output, merged)
      for (a, b) in zip(old.tensor?.shape ?? [], merged.tensor?.shape ?? []) {
        if let symbol = a.asSymbol, a != b { sizes[symbol] = b }
      }
    }
    substitute(sizes)
  }

  /// The new type with what the old one says in terms of the inputs.
  private func keepingBound(_ type: ValueType, _ old: ValueType) -> ValueType {
    guard let new = type.tensor, let shape = new.shape, let known = old.tensor?.shape,
      known.count == shape.count
    else { return type }
    return .tensor(
      new.element,
      zip(shape, known).map { $0.isConstant || !$1.symbols.isSubset(of: bound) ? $0 : $1 })
  }

  private mutating func expand(_ id: NodeID) throws(Diagnostic) -> Bool {
    guard let op = folder.graph[id].op as? any Composed,
      let body = try op.composition(folder.inference.context(for: id, in: folder.graph))
    else { return false }
    let sizes = try folder.graph.expand(
      id, with: body, copying: Identity(), inference: &folder.inference)
    substitute(sizes)
    isChanged = true
    return true
  }

  private mutating func fold(_ id: NodeID) throws(Diagnostic) -> Bool {
    guard !folded.contains(id), let results = try folder.fold(id) else { return false }
    isChanged = true
    folded.insert(id)
    for (output, result) in zip(folder.graph[id].outputs, results) {
      guard let output else { continue }
      guard case .tensor(let value) = result, folder.graph.tensorType(output) != nil else {
        folder.known[output] = result
        continue
      }
      forward(output, to: value, before: id)
    }
    return true
  }

  /// Makes everybody read another value; an output of the graph keeps its name.
  private mutating func forward(_ old: ValueID, to new: ValueID, before id: NodeID) {
    var value = new
    if folder.graph.outputs.contains(old) {
      let copy = folder.graph.addNode(
        "\(folder.graph[id].name)/copy", Identity(), inputs: [new],
        outputs: [("copy", folder.graph[new].type)], before: id)
      value = folder.graph[copy].outputs[0] ?? new
    }
    var sizes: [Symbol: IndexExpr] = [:]
    let shapes = [old, value].map { folder.graph.tensorType($0)?.shape ?? [] }
    for (a, b) in zip(shapes[0], shapes[1]) {
      if let symbol = a.asSymbol, a != b { sizes[symbol] = b }
    }
    let name = folder.graph[old].name
    folder.graph.replaceUses(of: old, with: value)
    substitute(sizes)
    if value != new {
      folder.graph.rename(old, to: "\(name)/folded")
      folder.graph.rename(value, to: name)
    }
  }

  /// The graph without what nobody reads.
  mutating func finish() -> Graph {
    if isChanged { removeUnread() }
    return folder.graph
  }

  /// The graph whose outputs are the tensors that results are made of.
  mutating func finish(_ results: [Unrolled]) throws(Diagnostic) -> Graph {
    var outputs: [ValueID] = []
    for value in results.flatMap(\.tensors) {
      guard outputs.contains(value) || folder.graph.producer(of: value) == nil else {
        outputs.append(value)
        continue
      }
      let copy = folder.graph.addNode(
        "result", Identity(), inputs: [value], outputs: [("result", folder.graph[value].type)])
      outputs += folder.graph[copy].outputs.compactMap { $0 }
    }
    folder.graph.setOutputs(outputs)
    removeUnread()
    return folder.graph
  }

  private mutating func removeUnread() {
    for id in folder.graph.nodeIDs.reversed() {
      let outputs = folder.graph[id].outputs
      if outputs.allSatisfy({ $0.map { folder.graph.useCount(of: $0) == 0 } ?? true }) {
        folder.graph.erase(id)
      }
    }
    for id in replaced where folder.graph.useCount(of: id) == 0 { folder.graph.eraseValue(id) }
  }
}
