import Diagnostics
import IR
import Tensors

/// Writes one graph: the model's own, or one in an attribute.
struct GraphEncoder {
  let graph: Graph
  let tensors: TensorEncoder
  /// The names that values have in the file, where they differ from those in the graph.
  var names: [ValueID: String] = [:]

  func name(_ id: ValueID?) -> String {
    guard let id else { return "" }
    return names[id] ?? graph[id].name
  }

  /// Fills a `GraphProto`.
  ///
  /// - Parameter captureCount: how many of the last inputs are values of the enclosing graph, which are not inputs in
  ///   the file.
  func encode(into message: MessageBuilder, captureCount: Int = 0) throws(Diagnostic) {
    message.add(2, graph.name.isEmpty ? "graph" : graph.name)
    for id in graph.inputs.dropLast(captureCount) { encode(id, into: message.add(11)) }
    for id in graph.outputs { encode(id, into: message.add(12)) }
    for id in graph.valueIDs {
      guard let tensor = graph.constant(id) else { continue }
      try tensors.encode(tensor, name: name(id), into: message.add(5))
    }
    for id in graph.nodeIDs { try encode(id, into: message) }
  }

  /// Fills a `ValueInfoProto`.
  private func encode(_ id: ValueID, into message: MessageBuilder) {
    message.add(1, name(id))
    message.add(2).encode(graph[id].type)
  }

  private func encode(_ id: NodeID, into message: MessageBuilder) throws(Diagnostic) {
    let node = graph[id]
    let schema = type(of: node.op).schema
    var attributes = node.op.attributes
    var captures = 0
    if case .int(let count)? = attributes[AttributeDecoder.captureCount] {
      captures = count
      attributes[AttributeDecoder.captureCount] = nil
    }
    var inputs = node.inputs.dropLast(captures).map(name)
    while inputs.last == "" { inputs.removeLast() }
    var outputs = node.outputs.map(name)
    while outputs.last == "" { outputs.removeLast() }
    let encoded = EncodedNode(
      name: node.name, domain: schema.domain, op: schema.name, inputs: inputs, outputs: outputs,
      attributes: attributes)
    for part in encoded.standardForm() {
      try encode(part, captured: Array(node.inputs.suffix(captures)), into: message.add(1))
    }
  }

  /// Fills a `NodeProto`.
  private func encode(_ node: EncodedNode, captured: [ValueID?], into message: MessageBuilder)
    throws(Diagnostic)
  {
    for input in node.inputs { message.add(1, input) }
    for output in node.outputs { message.add(2, output) }
    message.add(3, node.name)
    message.add(4, node.op)
    if !node.domain.isEmpty { message.add(7, node.domain) }
    for (name, value) in node.attributes.entries {
      let attribute = message.add(5)
      attribute.add(1, name)
      try encode(value, captured, prefix: node.name, into: attribute)
    }
  }

  /// Fills an `AttributeProto`.
  private func encode(
    _ value: Attribute, _ captured: [ValueID?], prefix: String, into message: MessageBuilder
  ) throws(Diagnostic) {
    let kind: AttributeMessage.Kind
    switch value {
    case .int(let value):
      kind = .int
      message.add(3, value)
    case .float(let value):
      kind = .float
      message.add(2, value)
    case .string(let value):
      kind = .string
      message.add(4, value)
    case .ints(let values):
      kind = .ints
      for value in values { message.add(8, value) }
    case .floats(let values):
      kind = .floats
      for value in values { message.add(7, value) }
    case .strings(let values):
      kind = .strings
      for value in values { message.add(9, value) }
    case .tensor(let tensor):
      kind = .tensor
      try TensorEncoder().encode(tensor, name: "", into: message.add(5))
    case .graph(let graph):
      kind = .graph
      try encode(graph, captured, prefix, into: message.add(6))
    case .type(let type):
      kind = .type
      message.add(14).encode(type)
    }
    message.add(20, kind.rawValue)
  }

  /// Captured inputs take the names of what they stand for; all other names are made to differ from those around.
  private func encode(
    _ inner: Graph, _ captured: [ValueID?], _ prefix: String, into message: MessageBuilder
  ) throws(Diagnostic) {
    var encoder = GraphEncoder(graph: inner, tensors: tensors)
    for id in inner.valueIDs { encoder.names[id] = "\(prefix)/\(inner[id].name)" }
    for (id, outer) in zip(inner.inputs.suffix(captured.count), captured) {
      encoder.names[id] = name(outer)
    }
    try encoder.encode(into: message, captureCount: captured.count)
  }
}
