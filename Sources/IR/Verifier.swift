public import Diagnostics
import Tensors

/// Checks a graph and returns every violation. A graph is valid when:
///
/// 1. Tables: the order lists every live node once, and nothing else.
/// 2. No dangling ids: inputs and outputs of nodes and of the graph name live values.
/// 3. SSA: every value is defined once, as a graph input, a constant or one output of one node, and both sides agree.
/// 4. Order: a node's inputs are defined by graph inputs, constants or earlier nodes.
/// 5. Names: values and nodes have unique names that are not empty.
/// 6. Form: arity and type variables are those of the operator's schema.
/// 7. Types: what a shape rule infers from the inputs does not contradict the types of the outputs (same element
///    type, same rank, no two different numbers for one dimension); constants have the type of their data.
/// 8. Use lists name exactly the readers of every value.
/// 9. Graphs in attributes are valid too.
public struct Verifier {
  private let graph: Graph
  private var found = DiagnosticList()
  private var defined: Set<ValueID> = []

  private init(_ graph: Graph) { self.graph = graph }

  /// All violations in graph order; empty for a valid graph.
  ///
  /// - Complexity: linear in nodes, uses and the cost of the shape rules.
  public static func verify(_ graph: Graph) -> DiagnosticList {
    var verifier = Verifier(graph)
    verifier.checkTables()
    verifier.checkValues()
    verifier.checkOrder()
    // Schemas and shape rules may look at any input, so they wait until every id is known to be good.
    if verifier.found.isEmpty { verifier.checkTypes() }
    verifier.checkNested()
    return verifier.found
  }

  private mutating func report(_ id: String, _ message: String, at location: Location = .unknown) {
    found.append(Diagnostic(id, message, at: location))
  }

  private func isLive(_ id: ValueID) -> Bool {
    graph.valueTable.indices.contains(Int(id.index)) && graph.contains(id)
  }

  private func place(of id: ValueID) -> Location {
    .value(model: graph.source, name: graph[id].name)
  }

  private mutating func checkTables() {
    var listed: Set<NodeID> = []
    for id in graph.nodeIDs {
      guard graph.nodeTable.indices.contains(Int(id.index)), graph.contains(id) else {
        report("verify.order", "the order lists node \(id.index), which does not exist")
        continue
      }
      if !listed.insert(id).inserted {
        report("verify.order", "the order lists a node twice", at: graph.location(of: id))
      }
    }
    for index in graph.nodeTable.indices where graph.nodeTable[index] != nil {
      if listed.contains(NodeID(index)) { continue }
      report(
        "verify.order", "the order does not list a node", at: graph.location(of: NodeID(index)))
    }
    var names: Set<String> = []
    for case let node? in graph.nodeTable {
      if node.name.isEmpty { report("verify.name", "a node has no name") }
      if !names.insert(node.name).inserted {
        report("verify.name", "two nodes are named '\(node.name)'")
      }
    }
  }

  private mutating func checkValues() {
    var names: Set<String> = []
    for id in graph.valueIDs {
      let value = graph[id]
      if value.name.isEmpty { report("verify.name", "value \(id.index) has no name") }
      if !names.insert(value.name).inserted || graph.value(named: value.name) != id {
        report("verify.name", "two values are named '%\(value.name)'")
      }
      checkDefinition(of: id, value)
    }
    for (index, id) in graph.inputs.enumerated() {
      guard isLive(id), case .input = graph[id].definition else {
        report("verify.input", "graph input \(index) is not defined as an input")
        continue
      }
      if !defined.insert(id).inserted {
        report("verify.ssa", "value is listed as an input twice", at: place(of: id))
      }
    }
    for (index, id) in graph.outputs.enumerated() where !isLive(id) {
      report("verify.dangling", "graph output \(index) does not exist")
    }
  }

  private mutating func checkDefinition(of id: ValueID, _ value: ValueInfo) {
    switch value.definition {
    case .input:
      if !graph.inputs.contains(id) {
        report("verify.ssa", "an input is missing from the graph's inputs", at: place(of: id))
      }
    case .constant(let tensor):
      defined.insert(id)
      let type = TensorType(tensor.type, tensor.shape.map { .init($0) })
      if value.type != .tensor(type) {
        report(
          "verify.type", "a constant of type \(value.type) holds data of type \(type)",
          at: place(of: id))
      }
    case .node(let node, let output):
      guard graph.nodeTable.indices.contains(Int(node.index)), graph.contains(node),
        graph[node].outputs.indices.contains(output), graph[node].outputs[output] == id
      else {
        report("verify.ssa", "the node that defines the value does not make it", at: place(of: id))
        return
      }
    }
  }

  private mutating func checkOrder() {
    var uses: [ValueID: [NodeID]] = [:]
    for id in graph.nodeIDs where graph.contains(id) {
      let node = graph[id]
      for (index, input) in node.inputs.enumerated() {
        guard let input else { continue }
        guard isLive(input) else {
          report("verify.dangling", "input \(index) does not exist", at: graph.location(of: id))
          continue
        }
        uses[input, default: []].append(id)
        if !defined.contains(input) {
          report(
            "verify.topology",
            "input \(index), '%\(graph[input].name)', is used before it is defined",
            at: graph.location(of: id))
        }
      }
      for (index, output) in node.outputs.enumerated() {
        guard let output else { continue }
        guard isLive(output), case .node(id, index) = graph[output].definition else {
          report("verify.ssa", "output \(index) is not defined by it", at: graph.location(of: id))
          continue
        }
        defined.insert(output)
      }
    }
    for id in graph.outputs where isLive(id) && !defined.contains(id) {
      report("verify.topology", "a graph output is never defined", at: place(of: id))
    }
    for id in graph.valueIDs where graph.readers(of: id).sorted() != (uses[id] ?? []).sorted() {
      report("verify.uses", "the list of readers is not that of the nodes", at: place(of: id))
    }
  }

  private mutating func checkTypes() {
    var inference = TypeInference()
    for id in graph.nodeIDs {
      let node = graph[id]
      let context = inference.context(for: id, in: graph)
      let declared = node.outputs.map { $0.map { graph[$0].type } }
      let problems = type(of: node.op).schema.check(
        inputs: context.types, outputCount: node.outputs.count, outputs: declared)
      for problem in problems { found.append(problem.located(at: graph.location(of: id))) }
      if problems.isEmpty { compare(declared, id, node.op, context) }
      inference.noteContents(of: id, in: graph)
    }
  }

  private mutating func compare(
    _ declared: [ValueType?], _ id: NodeID, _ op: any Op, _ context: InferenceContext
  ) {
    do throws(Diagnostic) {
      let inferred = try op.infer(context)
      for (index, type) in declared.enumerated() {
        guard let type else { continue }
        guard index < inferred.count else {
          report(
            "verify.type",
            "output \(index) is \(type), but inference gives \(inferred.count) types",
            at: graph.location(of: id))
          continue
        }
        if !type.isCompatible(with: inferred[index]) {
          report(
            "verify.type", "output \(index) is \(type), expected \(inferred[index])",
            at: graph.location(of: id))
        }
      }
    } catch {
      // What inference does not know it cannot contradict.
      if error.severity != .unsupported {
        found.append(error.located(at: graph.location(of: id)))
      }
    }
  }

  private mutating func checkNested() {
    for id in graph.nodeIDs where graph.contains(id) {
      for entry in graph[id].op.attributes.entries {
        guard case .graph(let body) = entry.value else { continue }
        for diagnostic in Verifier.verify(body).diagnostics {
          var located = diagnostic
          located.notes.append("in attribute '\(entry.name)' of \(graph.location(of: id))")
          found.append(located)
        }
      }
    }
  }
}

extension ValueType {
  /// Whether one value can have both types: nothing that both know differs.
  package func isCompatible(with other: ValueType) -> Bool {
    switch (self, other) {
    case (.tensor(let a), .tensor(let b)):
      guard a.element == b.element else { return false }
      guard let p = a.shape, let q = b.shape else { return true }
      return p.count == q.count
        && zip(p, q).allSatisfy { $0 == $1 || !$0.isConstant || !$1.isConstant }
    case (.sequence(let a), .sequence(let b)), (.optional(let a), .optional(let b)):
      return a.isCompatible(with: b)
    case (.map(let key, let a), .map(let otherKey, let b)):
      return key == otherKey && a.isCompatible(with: b)
    default: return false
    }
  }
}
