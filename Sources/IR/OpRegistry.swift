/// The operators that a graph may be built from, by domain and name.
public struct OpRegistry: Sendable {
  private var types: [String: any Op.Type] = [:]

  public init(_ types: [any Op.Type] = []) {
    for type in types { add(type) }
  }

  public mutating func add(_ type: any Op.Type) {
    self.types[type.schema.qualifiedName] = type
  }

  /// The operator; the domain `ai.onnx` is the default domain.
  public func type(domain: String, name: String) -> (any Op.Type)? {
    types[domain.isEmpty || domain == "ai.onnx" ? name : "\(domain).\(name)"]
  }

  /// The operator that text spells `Conv` or `martlet.Fused`.
  public func type(qualifiedName: String) -> (any Op.Type)? { types[qualifiedName] }

  /// All operators, sorted by qualified name.
  public var all: [any Op.Type] {
    types.sorted { $0.key < $1.key }.map(\.value)
  }
}
