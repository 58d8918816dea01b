import IR
public import Tensors

/// What `inspect` says about a model.
public struct ModelSummary: Encodable, Sendable {
  /// An input or an output.
  public struct Port: Encodable, Sendable {
    public let name: String
    /// Such as `f32[N, 3, 224, 224]`.
    public let type: String
  }

  public let path: String
  public let graph: String
  public let irVersion: Int
  public let producer: String
  /// Opset versions by domain; the default domain is spelled `ai.onnx`.
  public let opsets: [String: Int]
  public let metadata: [String: String]
  public let inputs: [Port]
  public let outputs: [Port]
  public let nodeCount: Int
  /// How many nodes apply each operator.
  public let operators: [String: Int]
  /// Elements of all floating-point weights.
  public let parameterCount: Int
  /// Bytes of all constants.
  public let constantByteCount: Int
  /// Multiply-accumulates of one run: a number, or an expression of the model's symbols.
  public let multiplyAccumulates: String
  /// Bytes of the largest value that a node computes, where its shape is known.
  public let largestActivationByteCount: Int?
  /// How much of a quantized model is computed in integers; `Model.integerLayers()` finds it out.
  public var integerLayers: IntegerLayerSummary?
}

extension Model {
  /// Counts what is in the model.
  public var summary: ModelSummary {
    let names = graph.nodeIDs.map { graph[$0].opName }
    let constants = graph.valueIDs.compactMap { graph.constant($0) }
    return ModelSummary(
      path: path, graph: graph.name, irVersion: irVersion, producer: producer,
      opsets: Dictionary(opsets.map { ($0.isEmpty ? "ai.onnx" : $0, $1) }) { max($0, $1) },
      metadata: metadata, inputs: ports(graph.inputs), outputs: ports(graph.outputs),
      nodeCount: names.count, operators: Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +),
      parameterCount: constants.filter { $0.type.isFloat }.map(\.elementCount).reduce(0, +),
      constantByteCount: constants.map(\.byteCount).reduce(0, +),
      multiplyAccumulates: multiplyAccumulates.description,
      largestActivationByteCount: activationByteCounts.max())
  }

  private func ports(_ ids: [ValueID]) -> [ModelSummary.Port] {
    ids.map { ModelSummary.Port(name: graph[$0].name, type: graph[$0].type.description) }
  }

  /// Multiply-accumulates of one run.
  public var multiplyAccumulates: IndexExpr {
    let inference = TypeInference()
    return graph.nodeIDs.reduce(0) { sum, id in
      sum + graph[id].op.multiplyAccumulates(inference.context(for: id, in: graph))
    }
  }

  private var activationByteCounts: [Int] {
    graph.nodeIDs.flatMap { graph[$0].outputs }.compactMap { id in
      guard let id, let type = graph.tensorType(id), let shape = type.staticShape else {
        return nil
      }
      return shape.checkedElementCount.map { type.element.byteCount(of: $0) }
    }
  }
}
