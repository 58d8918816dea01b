import Diagnostics
package import IR
import Tensors

/// What a value is made of, where sequences and optionals are known before anything runs.
package indirect enum Unrolled: Sendable {
  case tensor(ValueID)
  case sequence([Unrolled])
  /// An optional that holds nothing; one that holds something is what it holds.
  case nothing

  /// All tensors in it, in order.
  package var tensors: [ValueID] {
    switch self {
    case .tensor(let id): [id]
    case .sequence(let elements): elements.flatMap(\.tensors)
    case .nothing: []
    }
  }
}

/// An operator on sequences or optionals that disappears where it is known what they are made of.
protocol SequenceFolding: Op {
  /// What the outputs are made of; nil where what is known does not decide it.
  ///
  /// - Parameter operands: nil for inputs that are left out.
  func fold(_ operands: [Unrolled?], _ folder: inout SequenceFolder) throws(Diagnostic)
    -> [Unrolled]?
}

/// A graph in which operators on sequences disappear, node by node in its order.
struct SequenceFolder {
  var graph: Graph
  var inference: TypeInference
  /// What values that are no tensors are made of.
  var known: [ValueID: Unrolled] = [:]
  private var place: NodeID?

  init(_ graph: Graph, _ inference: TypeInference) {
    self.graph = graph
    self.inference = inference
  }

  /// What the outputs of a node are made of; nil where it is no operator on sequences or what is known does not decide it.
  mutating func fold(_ id: NodeID) throws(Diagnostic) -> [Unrolled]? {
    let node = graph[id]
    guard let op = node.op as? any SequenceFolding else { return nil }
    var operands: [Unrolled?] = []
    for input in node.inputs {
      guard let input else {
        operands.append(nil)
        continue
      }
      guard let found = contents(of: input) else { return nil }
      operands.append(found)
    }
    // Copies of tensors are somebody else's business.
    if op is Identity, case .tensor? = operands.first ?? nil { return nil }
    place = id
    return try op.fold(operands, &self)
  }

  func contents(of value: ValueID) -> Unrolled? {
    known[value] ?? (graph.tensorType(value) == nil ? nil : .tensor(value))
  }

  /// The number that one element of an operand is, if that is known.
  func integer(_ operand: Unrolled?) -> Int? {
    guard case .tensor(let value)? = operand else { return nil }
    return inference.constant(value, in: graph)?.integers?.first
  }

  /// Puts an operator before the node that is folded and returns its outputs.
  mutating func insert(
    _ op: any Op, _ inputs: [ValueID?], outputCount: Int = 1
  ) throws(Diagnostic) -> [ValueID] {
    let name = graph.freshNodeName(place.map { graph[$0].name + "/folded" } ?? "folded")
    let context = inference.context(
      inputs: inputs, outputCount: outputCount, name: name, in: graph)
    let types = try op.inferTypes(context)
    let outputs = types.prefix(outputCount).map { (name: name, type: $0) }
    let id = graph.addNode(name, op, inputs: inputs, outputs: outputs, before: place)
    inference.noteContents(of: id, in: graph)
    return graph[id].outputs.compactMap { $0 }
  }

  /// Writes a graph before the node that is folded and returns its outputs.
  mutating func inline(_ body: Graph, _ arguments: [ValueID]) throws(Diagnostic) -> [ValueID] {
    try graph.inline(
      body, arguments: arguments, before: place,
      prefix: place.map { graph[$0].name } ?? "folded", inference: &inference)
  }

  mutating func constant(_ tensor: Tensor) -> ValueID {
    graph.addConstant(place.map { graph[$0].name + "/c" } ?? "c", tensor)
  }

  mutating func integers(_ values: [Int]) -> ValueID {
    constant(Tensor(values.map { Int64($0) }, shape: [values.count]))
  }
}

extension Op {
  /// Whether the operator only works on sequences and optionals, and has no code where it is known what they are made of.
  package static var disappears: Bool { self is any SequenceFolding.Type }
}
