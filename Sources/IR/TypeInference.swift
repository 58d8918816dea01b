public import Diagnostics
public import Tensors

/// Carries types and integer contents through a graph, one node after the other.
public struct TypeInference: Sendable {
  /// What is known of integer values (shape computations), by value.
  public internal(set) var contents: [ValueID: [IndexExpr]] = [:]
  /// Small results that do not depend on the graph's inputs, by value; the graph itself is not changed.
  public internal(set) var constants: [ValueID: Tensor] = [:]

  public init() {}

  /// What a shape rule may ask about the inputs of a node.
  public func context(for id: NodeID, in graph: Graph) -> InferenceContext {
    let node = graph[id]
    return context(
      inputs: node.inputs, outputCount: node.outputs.count, name: node.name, in: graph)
  }

  /// The same for a node that is not in the graph yet.
  public func context(
    inputs: [ValueID?], outputCount: Int, name: String, in graph: Graph
  ) -> InferenceContext {
    InferenceContext(
      types: inputs.map { $0.map { graph[$0].type } },
      constants: inputs.map { constant($0, in: graph) },
      contents: inputs.map { $0.flatMap { contents[$0] } },
      outputCount: outputCount, symbolPrefix: name)
  }

  /// Records what a node's outputs hold, once its types are known.
  public mutating func noteContents(of id: NodeID, in graph: Graph) {
    let node = graph[id]
    if let op = node.op as? any ContentInferring {
      let found = op.inferContents(context(for: id, in: graph))
      for (output, elements) in zip(node.outputs, found) {
        if let output, let elements { note(elements, as: output, in: graph) }
      }
    }
    evaluateIfConstant(id, in: graph)
  }

  private mutating func note(_ elements: [IndexExpr], as output: ValueID, in graph: Graph) {
    contents[output] = elements
    let numbers = elements.compactMap(\.value)
    guard let type = graph.tensorType(output), type.element.isInteger,
      let shape = type.staticShape, shape.checkedElementCount == elements.count,
      numbers.count == elements.count
    else { return }
    constants[output] = Tensor(integers: numbers, shape: shape, type: type.element)
  }

  /// Infers the types of all nodes again, in order, keeping what was declared where it says more.
  ///
  /// - Throws: the first shape rule's diagnostic, located at its node.
  public mutating func run(on graph: inout Graph) throws(Diagnostic) {
    contents = [:]
    constants = [:]
    for id in graph.nodeIDs {
      let node = graph[id]
      do throws(Diagnostic) {
        let context = context(for: id, in: graph)
        let op = try node.op.typed(for: context)
        if op is any Retyped { graph.setNode(id, op: op, inputs: node.inputs) }
        let types = try op.inferTypes(context)
        for (output, type) in zip(node.outputs, types) {
          if let output { graph.setType(output, Self.merge(type, declared: graph[output].type)) }
        }
      } catch {
        throw error.located(at: graph.location(of: id))
      }
      noteContents(of: id, in: graph)
    }
  }

  /// The more precise of an inferred and a declared type: numbers beat symbols, known ranks beat unknown ones.
  public static func merge(_ inferred: ValueType, declared: ValueType) -> ValueType {
    guard case .tensor(let a) = inferred, case .tensor(let b) = declared else { return inferred }
    guard let p = a.shape else { return .tensor(TensorType(a.element, b.shape)) }
    guard let q = b.shape, p.count == q.count else { return inferred }
    let shape = zip(p, q).map { $0.isConstant || !$1.isConstant ? $0 : $1 }
    return .tensor(TensorType(a.element, shape))
  }
}
