import Diagnostics
import IR
import Tensors

/// Turns the attributes of a node into values that know nothing of files; graphs in them become graphs.
struct AttributeDecoder {
  struct Result {
    var attributes = Attributes()
    /// Values of the enclosing graph that graphs among the attributes read, as additional inputs of the node.
    var captures: [ValueID] = []
    /// False when a graph among the attributes has problems of its own, which have been reported.
    var isComplete = true
  }

  let owner: GraphImporter
  let node: SourceNode

  /// The name of the attribute that counts the captured values among the inputs, which follow the node's own.
  static let captureCount = "captures"

  /// All attributes but graphs.
  func decodePlain() throws(Diagnostic) -> Attributes {
    var attributes = Attributes()
    var names: Set<String> = []
    for attribute in node.attributes {
      let name = attribute.name
      guard names.insert(name).inserted else {
        throw Diagnostic("attribute.duplicate", "attribute '\(name)' is given twice")
      }
      if attribute.value.kind != .graph { attributes[name] = try decode(attribute) }
    }
    return attributes
  }

  /// Adds the graphs to the other attributes.
  ///
  /// - Parameters:
  ///   - imported: the node with its other attributes.
  ///   - region: its operator, if that runs graphs.
  func decode(_ imported: ImportedNode, _ region: (any RegionOp.Type)?) throws(Diagnostic)
    -> Result
  {
    var result = Result(attributes: imported.attributes)
    let captures = capturedNames()
    for attribute in node.attributes where attribute.value.kind == .graph {
      guard let graph = attribute.value.graph else { throw missingValue(attribute.name) }
      let decoded = subgraph(graph, attribute, captures, imported, region)
      result.attributes[attribute.name] = decoded
      if decoded == nil { result.isComplete = false }
    }
    result.captures = captures.map(\.id)
    if !captures.isEmpty { result.attributes[Self.captureCount] = .int(captures.count) }
    return result
  }

  private struct Capture {
    let name: String
    let id: ValueID
  }

  /// Values that graphs among the attributes read from here, without constants, which are copied into them.
  private func capturedNames() -> [Capture] {
    FreeNames.of(node).compactMap { name in
      guard case .value(let id)? = owner.resolve(name), owner.graph.constant(id) == nil else {
        return nil
      }
      return Capture(name: name, id: id)
    }
  }

  private func decode(_ attribute: SourceAttribute) throws(Diagnostic) -> Attribute {
    let value = attribute.value
    let name = attribute.name
    switch value.kind {
    case .float: return .float(value.float)
    case .int: return .int(value.int)
    case .string: return .string(value.string)
    case .floats: return .floats(value.floats)
    case .ints: return .ints(value.ints)
    case .strings: return .strings(value.strings)
    case .tensor:
      guard let tensor = value.tensor else { throw missingValue(name) }
      return .tensor(try owner.context.tensors.decode(tensor, name: "\(node.name).\(name)"))
    case .sparseTensor:
      guard let tensor = value.sparseTensor else { throw missingValue(name) }
      return .tensor(try owner.context.tensors.decode(tensor, name: "\(node.name).\(name)"))
    case .type:
      guard let type = value.type,
        let decoded = try owner.context.decode(type, name: name, bindsSymbols: false)
      else { throw missingValue(name) }
      return .type(decoded)
    case .graph, .tensors, .graphs, .sparseTensors, .types, nil:
      throw .unsupported(
        "attribute.kind",
        "attribute '\(name)' is of kind \(value.kindNumber), which is not supported")
    }
  }

  private func missingValue(_ name: String) -> Diagnostic {
    Diagnostic("attribute.missing-value", "attribute '\(name)' has no value of its kind")
  }

  /// Imports a graph in which captured values are inputs that follow its own.
  ///
  /// What its outputs feed back has the types of the first run at first; the graph is imported again with what is
  /// common to all runs until that is what it gives.
  private func subgraph(
    _ source: GraphMessage, _ attribute: SourceAttribute, _ captures: [Capture],
    _ imported: ImportedNode, _ region: (any RegionOp.Type)?
  ) -> Attribute? {
    let name = attribute.name
    let types = node.inputs.map { input -> ValueType? in
      guard case .value(let id)? = owner.resolve(input) else { return nil }
      return owner.graph[id].type
    }
    var arguments = region?.argumentTypes(of: name, node: imported, types: types) ?? []
    let feedback = region?.feedback(of: name, node: imported, inputCount: node.inputs.count) ?? []
    let before = owner.context.diagnostics
    while true {
      owner.context.diagnostics = before
      let importer = GraphImporter(
        source, context: owner.context, scope: attribute.scope, parent: owner,
        outerName: attribute.outerName, prefix: "\(node.name)/")
      importer.run(
        captures: captures.map { ($0.name, owner.graph[$0.id].type) }, inputTypes: arguments)
      let added = owner.context.diagnostics.diagnostics.dropFirst(before.diagnostics.count)
      if added.contains(where: { $0.severity != .warning }) { return nil }
      guard widen(&arguments, feedback, importer.graph) else { return .graph(importer.graph) }
    }
  }

  /// Makes the types of fed back inputs those of all runs; false when they are already.
  private func widen(
    _ arguments: inout [ValueType?], _ feedback: [(output: Int, input: Int)], _ graph: Graph
  ) -> Bool {
    var isWidened = false
    for (output, input) in feedback
    where output < graph.outputs.count && input < graph.inputs.count {
      let entered = graph[graph.inputs[input]].type
      let result = graph[graph.outputs[output]].type
      let joined = entered.joined(with: result) {
        .symbol("\(node.name).carried\(input).\($0)")
      }
      // What is wanted already is not what the file declares: the shape rule reports it.
      guard let joined, joined != entered,
        input >= arguments.count || arguments[input] != joined
      else { continue }
      while arguments.count <= input { arguments.append(nil) }
      arguments[input] = joined
      isWidened = true
    }
    return isWidened
  }

  /// The value of a `Constant` node.
  ///
  /// Source: ONNX Constant-13 and its successors.
  func constantValue() throws(Diagnostic) -> Tensor {
    guard let attribute = node.attributes.first, node.attributes.count == 1 else {
      throw Diagnostic(
        "attribute.count", "Constant has \(node.attributes.count) attributes, expected 1")
    }
    switch (attribute.name, try decode(attribute)) {
    case ("value", .tensor(let tensor)), ("sparse_value", .tensor(let tensor)): return tensor
    case ("value_int", .int(let value)): return Tensor(scalar: Int64(value))
    case ("value_ints", .ints(let values)):
      return Tensor(values.map { Int64($0) }, shape: [values.count])
    case ("value_float", .float(let value)): return Tensor(scalar: Float(value))
    case ("value_floats", .floats(let values)):
      return Tensor(values.map { Float($0) }, shape: [values.count])
    case ("value_string", .string(let value)): return Tensor(strings: [value], shape: [])
    case ("value_strings", .strings(let values)):
      return Tensor(strings: values, shape: [values.count])
    default:
      throw Diagnostic(
        "attribute.unknown", "attribute '\(attribute.name)' does not give Constant a value")
    }
  }
}
