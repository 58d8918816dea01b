/// A node after functions have been inlined: names are those of the graph that it ends up in.
struct SourceNode {
  var name: String
  let domain: String
  let op: String
  /// The version of the domain that applies here; nil when neither the model nor the function imports it.
  let opset: Int?
  let inputs: [String]
  let outputs: [String]
  let attributes: [SourceAttribute]
  /// A call that could not be inlined, which has been reported: its outputs are unknown.
  var isBroken = false

  var qualifiedOp: String { domain.isEmpty ? op : "\(domain).\(op)" }
}

/// An attribute and the function body, if any, in which names inside its graphs are to be understood.
struct SourceAttribute {
  let name: String
  let value: AttributeMessage
  let scope: FunctionScope?
  /// Whether the names are those of the function's body, and not of a graph inside it.
  let mapsNames: Bool

  init(name: String, value: AttributeMessage, scope: FunctionScope?, mapsNames: Bool = true) {
    self.name = name
    self.value = value
    self.scope = scope
    self.mapsNames = mapsNames
  }

  /// What a name inside a graph in the attribute is called around the node that holds it.
  func outerName(_ name: String) -> String { mapsNames ? scope?.map(name) ?? name : name }
}

/// One inlined call of a function: what its names, attributes and opsets mean.
final class FunctionScope {
  let key: FunctionKey
  let caller: FunctionScope?
  let opsets: [String: Int]
  let attributes: [String: SourceAttribute]
  /// Prefix of the names that only exist inside this call.
  let prefix: String
  /// Formal inputs and outputs to actual ones.
  let bindings: [String: String]

  init(
    key: FunctionKey, caller: FunctionScope?, opsets: [String: Int],
    attributes: [String: SourceAttribute], prefix: String, bindings: [String: String]
  ) {
    self.key = key
    self.caller = caller
    self.opsets = opsets
    self.attributes = attributes
    self.prefix = prefix
    self.bindings = bindings
  }

  /// The name in the calling graph of a name in the function's body.
  func map(_ name: String) -> String {
    name.isEmpty ? "" : bindings[name] ?? prefix + name
  }

  /// Whether this call is already inside one of the same function.
  func isInside(_ key: FunctionKey) -> Bool {
    self.key == key || caller?.isInside(key) ?? false
  }
}
