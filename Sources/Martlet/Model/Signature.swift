public import IR

/// What goes into a model or an artefact and what comes out, in order.
public struct Signature: Sendable {
  /// One input or output.
  public struct Port: Sendable {
    public let name: String
    public let type: ValueType

    public init(name: String, type: ValueType) {
      self.name = name
      self.type = type
    }
  }

  /// What messages call the model.
  public let source: String
  public let inputs: [Port]
  public let outputs: [Port]

  public init(source: String, inputs: [Port], outputs: [Port]) {
    self.source = source
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The signature of a graph.
  public init(_ graph: Graph) {
    source = graph.source
    inputs = graph.inputs.map { Port(name: graph[$0].name, type: graph[$0].type) }
    outputs = graph.outputs.map { Port(name: graph[$0].name, type: graph[$0].type) }
  }
}
