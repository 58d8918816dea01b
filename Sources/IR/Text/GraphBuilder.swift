import Diagnostics
import Tensors

/// A node's line in text, before names are looked up.
struct NodeText {
  var results: [String?]
  var op: String
  var line: Int
  var place: Location
  var inputs: [String?] = []
  var attributes = Attributes()
  /// The declared types; nil when the line says none.
  var types: [ValueType?]?
  var name: String?

  init(results: [String?], op: String, line: Int, place: Location) {
    self.results = results
    self.op = op
    self.line = line
    self.place = place
  }
}

/// Builds a graph statement by statement, resolving names and inferring types that the text leaves out.
struct GraphBuilder {
  var graph: Graph
  private(set) var lines: [NodeID: Int] = [:]
  private var inference = TypeInference()

  init(name: String, source: String) {
    graph = Graph(name: name, source: source)
  }

  private func requireNew(_ name: String, at place: Location) throws(Diagnostic) {
    if graph.value(named: name) != nil {
      throw Diagnostic("graph.duplicate-value", "value '%\(name)' is defined twice", at: place)
    }
  }

  private func resolve(_ name: String, at place: Location) throws(Diagnostic) -> ValueID {
    guard let id = graph.value(named: name) else {
      throw Diagnostic("graph.undefined-value", "use of undefined value '%\(name)'", at: place)
    }
    return id
  }

  mutating func addInput(_ name: String, _ type: ValueType, at place: Location) throws(Diagnostic) {
    try requireNew(name, at: place)
    _ = graph.addInput(name, type)
  }

  mutating func addConstant(_ name: String, _ tensor: Tensor, at place: Location) throws(Diagnostic)
  {
    try requireNew(name, at: place)
    _ = graph.addConstant(name, tensor)
  }

  mutating func addOutput(_ name: String, at place: Location) throws(Diagnostic) {
    graph.setOutputs(graph.outputs + [try resolve(name, at: place)])
  }

  mutating func add(_ text: NodeText, _ operators: OpRegistry) throws(Diagnostic) {
    guard let opType = operators.type(qualifiedName: text.op) else {
      throw Diagnostic("text.unknown-op", "operator '\(text.op)' is not known", at: text.place)
    }
    var inputs: [ValueID?] = []
    for name in text.inputs {
      if let name { inputs.append(try resolve(name, at: text.place)) } else { inputs.append(nil) }
    }
    for case let name? in text.results { try requireNew(name, at: text.place) }
    if let types = text.types, types.count != text.results.count {
      throw Diagnostic(
        "text.type-count", "found \(types.count) types for \(text.results.count) results",
        at: text.place)
    }
    let types: [ValueType?]
    let op: any Op
    do throws(Diagnostic) {
      op = try decode(opType, text)
      if let declared = text.types {
        types = declared
      } else {
        types = try infer(op, inputs, text)
      }
    } catch {
      throw error.located(at: text.place)
    }
    var outputs: [(name: String, type: ValueType)?] = []
    for (index, name) in text.results.enumerated() {
      guard let name else {
        outputs.append(nil)
        continue
      }
      guard index < types.count, let type = types[index] else {
        throw Diagnostic("text.no-type", "result '%\(name)' has no type", at: text.place)
      }
      outputs.append((name, type))
    }
    let name = text.name ?? text.results.lazy.compactMap { $0 }.first ?? text.op
    let id = graph.addNode(name, op, inputs: inputs, outputs: outputs)
    lines[id] = text.line
    inference.noteContents(of: id, in: graph)
  }

  private func decode(_ type: any Op.Type, _ text: NodeText) throws(Diagnostic) -> any Op {
    var reader = AttributeReader(
      text.attributes, opset: type.schema.versions.last ?? 1, inputCount: text.inputs.count,
      outputCount: text.results.count)
    let op = try type.init(&reader)
    try reader.finish()
    return op
  }

  private func infer(_ op: any Op, _ inputs: [ValueID?], _ text: NodeText) throws(Diagnostic)
    -> [ValueType?]
  {
    let context = inference.context(
      inputs: inputs, outputCount: text.results.count,
      name: text.name ?? text.results.lazy.compactMap { $0 }.first ?? text.op, in: graph)
    let problems = type(of: op).schema.check(
      inputs: context.types, outputCount: text.results.count)
    if let first = problems.first { throw first }
    return try op.inferTypes(context)
  }
}
