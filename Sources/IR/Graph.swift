public import Diagnostics
public import Tensors

/// Names a value of one graph.
public struct ValueID: Hashable, Sendable, Comparable {
  public let index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
  public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// Names a node of one graph.
public struct NodeID: Hashable, Sendable, Comparable {
  public let index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
  public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// One application of an operator.
public struct Node: Sendable {
  /// The model's own name, unique in the graph, kept through rewrites.
  public var name: String
  public var op: any Op
  /// Nil where an optional input is left out.
  public var inputs: [ValueID?]
  /// Nil where an output is unused.
  public var outputs: [ValueID?]

  package init(name: String, op: any Op, inputs: [ValueID?], outputs: [ValueID?]) {
    self.name = name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The operator's qualified name.
  public var opName: String { type(of: op).schema.qualifiedName }
}

/// Where a value comes from.
public enum Definition: Sendable {
  case input
  case constant(Tensor)
  case node(NodeID, output: Int)
}

/// A named value and what is known of it.
public struct ValueInfo: Sendable {
  public var name: String
  public var type: ValueType
  public var definition: Definition
}

/// Tensors and operators in SSA form: a value, so a copy is a snapshot; weights are shared between copies.
///
/// Nodes are kept in an order in which every value is defined before it is used. Only passes (through a rewriter)
/// and importers edit; everybody else reads.
public struct Graph: Sendable {
  public var name: String
  /// Files and messages call the model so.
  public var source: String
  package internal(set) var nodeTable: [Node?] = []
  package internal(set) var valueTable: [ValueInfo?] = []
  /// For every value the nodes that read it, once per use; kept up to date by every edit.
  var useTable: [[NodeID]] = []
  /// Nodes in topological order.
  public package(set) var nodeIDs: [NodeID] = []
  public package(set) var inputs: [ValueID] = []
  public package(set) var outputs: [ValueID] = []
  package internal(set) var valueNames: [String: ValueID] = [:]
  package internal(set) var nodeNames: Set<String> = []
  /// The greatest number put behind a name to make it unique.
  var lastSuffixes: [String: Int] = [:]

  public init(name: String, source: String = "") {
    self.name = name
    self.source = source
  }

  public subscript(id: NodeID) -> Node {
    guard let node = nodeTable[Int(id.index)] else {
      preconditionFailure("node \(id.index) has been erased")
    }
    return node
  }

  public subscript(id: ValueID) -> ValueInfo {
    guard let value = valueTable[Int(id.index)] else {
      preconditionFailure("value \(id.index) has been erased")
    }
    return value
  }

  public func contains(_ id: NodeID) -> Bool { nodeTable[Int(id.index)] != nil }
  public func contains(_ id: ValueID) -> Bool { valueTable[Int(id.index)] != nil }

  /// The value with a name.
  public func value(named name: String) -> ValueID? { valueNames[name] }

  /// Where nodes are in their order, at this moment.
  public var nodePositions: [NodeID: Int] {
    Dictionary(uniqueKeysWithValues: nodeIDs.enumerated().map { ($1, $0) })
  }

  /// All values, in the order of their creation.
  public var valueIDs: [ValueID] {
    valueTable.indices.lazy.filter { valueTable[$0] != nil }.map { ValueID($0) }
  }

  public func constant(_ id: ValueID?) -> Tensor? {
    guard let id, case .constant(let tensor) = self[id].definition else { return nil }
    return tensor
  }

  /// The node that makes a value; nil for inputs and constants.
  public func producer(of id: ValueID) -> NodeID? {
    guard case .node(let node, _) = self[id].definition else { return nil }
    return node
  }

  /// The tensor type of a value; nil when it is not a tensor.
  public func tensorType(_ id: ValueID) -> TensorType? { self[id].type.tensor }

  /// Where messages about a node point.
  public func location(of id: NodeID) -> Location {
    let node = self[id]
    return .node(model: source, name: node.name, op: node.opName)
  }

  /// The nodes that read a value, once per use, in no particular order.
  public func readers(of id: ValueID) -> [NodeID] { useTable[Int(id.index)] }

  /// How many node inputs and graph outputs read a value.
  ///
  /// - Complexity: linear in the number of graph outputs.
  public func useCount(of id: ValueID) -> Int {
    useTable[Int(id.index)].count + outputs.count { $0 == id }
  }

  /// For every value the nodes that read it, once per use, in graph order.
  public func uses() -> [ValueID: [NodeID]] {
    var uses: [ValueID: [NodeID]] = [:]
    for id in nodeIDs {
      for case let input? in self[id].inputs { uses[input, default: []].append(id) }
    }
    return uses
  }
}
