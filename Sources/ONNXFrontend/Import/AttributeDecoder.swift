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

  func decode() throws(Diagnostic) -> Result {
    var result = Result()
    let captures = capturedNames()
    for attribute in node.attributes {
      let name = attribute.name
      if result.attributes[name] != nil {
        throw Diagnostic("attribute.duplicate", "attribute '\(name)' is given twice")
      }
      let decoded = try decode(attribute, captures)
      result.attributes[name] = decoded
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

  private func decode(_ attribute: SourceAttribute, _ captures: [Capture]) throws(Diagnostic)
    -> Attribute?
  {
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
    case .graph:
      guard let graph = value.graph else { throw missingValue(name) }
      return subgraph(graph, attribute.scope, captures)
    case .tensors, .graphs, .sparseTensors, .types, nil:
      throw .unsupported(
        "attribute.kind",
        "attribute '\(name)' is of kind \(value.kindNumber), which is not supported")
    }
  }

  private func missingValue(_ name: String) -> Diagnostic {
    Diagnostic("attribute.missing-value", "attribute '\(name)' has no value of its kind")
  }

  /// Imports a graph in which captured values are inputs that follow its own.
  private func subgraph(_ source: GraphMessage, _ scope: FunctionScope?, _ captures: [Capture])
    -> Attribute?
  {
    let problemCount = owner.context.diagnostics.diagnostics.count
    let importer = GraphImporter(source, context: owner.context, scope: scope, parent: owner)
    importer.run(captures: captures.map { ($0.name, owner.graph[$0.id].type) })
    let added = owner.context.diagnostics.diagnostics.dropFirst(problemCount)
    if added.contains(where: { $0.severity != .warning }) { return nil }
    return .graph(importer.graph)
  }

  /// The value of a `Constant` node.
  ///
  /// Source: ONNX Constant-13 and its successors.
  func constantValue() throws(Diagnostic) -> Tensor {
    guard let attribute = node.attributes.first, node.attributes.count == 1 else {
      throw Diagnostic(
        "attribute.count", "Constant has \(node.attributes.count) attributes, expected 1")
    }
    switch (attribute.name, try decode(attribute, [])) {
    case ("value", .tensor(let tensor)?), ("sparse_value", .tensor(let tensor)?): return tensor
    case ("value_int", .int(let value)?): return Tensor(scalar: Int64(value))
    case ("value_ints", .ints(let values)?):
      return Tensor(values.map { Int64($0) }, shape: [values.count])
    case ("value_float", .float(let value)?): return Tensor(scalar: Float(value))
    case ("value_floats", .floats(let values)?):
      return Tensor(values.map { Float($0) }, shape: [values.count])
    case ("value_string", .string(let value)?): return Tensor(strings: [value], shape: [])
    case ("value_strings", .strings(let values)?):
      return Tensor(strings: values, shape: [values.count])
    default:
      throw Diagnostic(
        "attribute.unknown", "attribute '\(attribute.name)' does not give Constant a value")
    }
  }
}
