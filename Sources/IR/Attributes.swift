public import Tensors

/// The value of one attribute of an operator, free of any file format.
public enum Attribute: Sendable {
  case int(Int)
  case float(Double)
  case string(String)
  case ints([Int])
  case floats([Double])
  case strings([String])
  case tensor(Tensor)
  case graph(Graph)
  case type(ValueType)

  /// What messages call it.
  public var kind: String {
    switch self {
    case .int: "int"
    case .float: "float"
    case .string: "string"
    case .ints: "ints"
    case .floats: "floats"
    case .strings: "strings"
    case .tensor: "tensor"
    case .graph: "graph"
    case .type: "type"
    }
  }
}

/// Attributes by name, sorted, as files carry them and as the text prints them.
public struct Attributes: Sendable {
  public private(set) var entries: [(name: String, value: Attribute)] = []

  public init() {}

  /// Collects attributes, leaving out those that have their default.
  public init(_ build: (inout Attributes) -> Void) {
    build(&self)
  }

  public subscript(name: String) -> Attribute? {
    get { entries.first { $0.name == name }?.value }
    set {
      entries.removeAll { $0.name == name }
      guard let newValue else { return }
      let place = entries.firstIndex { $0.name > name } ?? entries.count
      entries.insert((name, newValue), at: place)
    }
  }

  public var names: [String] { entries.map(\.name) }
  public var isEmpty: Bool { entries.isEmpty }

  public mutating func int(_ name: String, _ value: Int?, default standard: Int? = nil) {
    if let value, value != standard { self[name] = .int(value) }
  }

  public mutating func flag(_ name: String, _ value: Bool, default standard: Bool = false) {
    if value != standard { self[name] = .int(value ? 1 : 0) }
  }

  public mutating func float(_ name: String, _ value: Double?, default standard: Double? = nil) {
    if let value, value != standard { self[name] = .float(value) }
  }

  public mutating func string(_ name: String, _ value: String?, default standard: String? = nil) {
    if let value, value != standard { self[name] = .string(value) }
  }

  public mutating func ints(_ name: String, _ value: [Int]?, default standard: [Int]? = nil) {
    if let value, value != standard { self[name] = .ints(value) }
  }

  public mutating func floats(_ name: String, _ value: [Double]?) {
    if let value { self[name] = .floats(value) }
  }

  public mutating func strings(_ name: String, _ value: [String]?) {
    if let value { self[name] = .strings(value) }
  }
}
