public import Tensors

/// How a constant's elements are written.
public enum ConstantStyle: Sendable {
  /// Up to 16 elements as literals, larger ones as `splat` or as `hash`, for listings.
  case listing
  /// Every element, so that the text alone is the graph.
  case complete
  /// Up to 64 elements as literals; for larger ones the closure says where the bytes are, such as
  /// `file("weights.bin", 4096)`, or nil to write them out.
  case external(@Sendable (Tensor) -> String?)
}

/// Writes a graph as text; `docs/ir.md` has the grammar.
public struct Printer {
  public let constants: ConstantStyle
  private var text = ""
  private var indentation = ""

  public init(constants: ConstantStyle = .listing) {
    self.constants = constants
  }

  /// The text of one graph, ending in a line end.
  public static func print(_ graph: Graph, constants: ConstantStyle = .listing) -> String {
    var printer = Printer(constants: constants)
    printer.add(graph)
    return printer.text + "\n"
  }

  /// One node as its line, for messages and traces.
  public static func line(_ id: NodeID, of graph: Graph) -> String {
    var printer = Printer()
    printer.add(id, of: graph)
    return printer.text
  }

  /// Attributes as a node's line spells them, every element written out: equal texts mean equal attributes.
  public static func text(of attributes: Attributes) -> String {
    var printer = Printer(constants: .complete)
    printer.add(attributes)
    return printer.text
  }

  private mutating func add(_ graph: Graph) {
    let inputs = graph.inputs.map { "\(Self.name($0, graph)): \(graph[$0].type)" }
    text += "graph @\(Spelling.name(graph.name))(\(inputs.joined(separator: ", "))) {\n"
    let outer = indentation
    indentation += "  "
    var printed: Set<ValueID> = []
    for id in graph.nodeIDs {
      addConstants(graph[id].inputs, of: graph, &printed)
      text += indentation
      add(id, of: graph)
      text += "\n"
    }
    addConstants(graph.outputs, of: graph, &printed)
    let outputs = graph.outputs.map { " " + Self.name($0, graph) }
    text += "\(indentation)return\(outputs.joined(separator: ","))\n\(outer)}"
    indentation = outer
  }

  /// Writes the constants among `values` that have not been written yet: each stands before its first use.
  private mutating func addConstants(
    _ values: [ValueID?], of graph: Graph, _ printed: inout Set<ValueID>
  ) {
    for case let id? in values {
      guard case .constant(let tensor) = graph[id].definition, printed.insert(id).inserted
      else { continue }
      text += "\(indentation)\(Self.name(id, graph)) = constant \(graph[id].type) "
      text += constants.text(of: tensor) + "\n"
    }
  }

  private mutating func add(_ id: NodeID, of graph: Graph) {
    let node = graph[id]
    let results = node.outputs.map { $0.map { Self.name($0, graph) } ?? "_" }
    let operands = node.inputs.map { $0.map { Self.name($0, graph) } ?? "_" }
    let types = node.outputs.map { $0.map { graph[$0].type.description } ?? "_" }
    text += "\(results.joined(separator: ", ")) = \(node.opName)"
    text += "(\(operands.joined(separator: ", ")))"
    add(node.op.attributes)
    text += " : \(types.joined(separator: ", "))"
    if node.name != Self.impliedName(node, graph) { text += " @\(Spelling.quoted(node.name))" }
  }

  /// The name that a node has when its line does not say one: that of its first used output.
  private static func impliedName(_ node: Node, _ graph: Graph) -> String? {
    node.outputs.lazy.compactMap { $0 }.first.map { graph[$0].name }
  }

  private static func name(_ id: ValueID, _ graph: Graph) -> String {
    "%" + Spelling.name(graph[id].name)
  }

  private mutating func add(_ attributes: Attributes) {
    guard !attributes.isEmpty else { return }
    text += " {"
    for (index, entry) in attributes.entries.enumerated() {
      text += index == 0 ? "" : ", "
      text += "\(entry.name) = "
      add(entry.value)
    }
    text += "}"
  }

  private mutating func add(_ attribute: Attribute) {
    switch attribute {
    case .int(let value): text += String(value)
    case .float(let value): text += Spelling.float(value)
    case .string(let value): text += Spelling.quoted(value)
    case .ints(let values): text += "[\(values.map(String.init).joined(separator: ", "))]"
    case .floats(let values): add(list: values.map(Spelling.float), kind: "floats")
    case .strings(let values): add(list: values.map(Spelling.quoted), kind: "strings")
    case .tensor(let tensor):
      let type = ValueType.tensor(tensor.type, tensor.shape.map { IndexExpr($0) })
      text += "tensor \(type) \(constants.text(of: tensor))"
    case .graph(let graph): add(graph)
    case .type(let type): text += "type \(type)"
    }
  }

  /// A list; an empty one is marked with its kind, since its elements cannot say it.
  private mutating func add(list: [String], kind: String) {
    text += list.isEmpty ? "\(kind) []" : "[\(list.joined(separator: ", "))]"
  }
}
