import Diagnostics
import IR
import Ops
import Tensors

extension FuzzCase {
  /// What an input or a constant holds; nil for anything else.
  func leaf(_ id: ValueID) -> Tensor? {
    if let constant = graph.constant(id) { return constant }
    return graph.inputs.firstIndex(of: id).flatMap { inputs[$0].tensor }
  }

  /// The inputs and constants of tensors.
  var leaves: [ValueID] { graph.valueIDs.filter { leaf($0) != nil } }

  /// The case with other inputs and constants, and other operators, whose types are inferred anew.
  ///
  /// - Throws: what a shape rule says of them.
  func replacing(
    _ tensors: [ValueID: Tensor], _ operators: [NodeID: any Op] = [:]
  ) throws(Diagnostic) -> FuzzCase {
    var copy = Graph(name: graph.name, source: graph.source)
    var map: [ValueID: ValueID] = [:]
    var arguments: [Value] = []
    for (id, value) in zip(graph.inputs, inputs) {
      let info = graph[id]
      guard let tensor = tensors[id] else {
        map[id] = copy.addInput(info.name, info.type)
        arguments.append(value)
        continue
      }
      let sameShape = tensor.shape == value.tensor?.shape
      let type =
        sameShape ? info.type : .tensor(tensor.type, tensor.shape.map { IndexExpr($0) })
      map[id] = copy.addInput(info.name, type)
      arguments.append(.tensor(tensor))
    }
    for id in graph.valueIDs {
      if let constant = graph.constant(id) {
        map[id] = copy.addConstant(graph[id].name, tensors[id] ?? constant)
      }
    }
    var inference = TypeInference()
    for id in graph.nodeIDs {
      let node = graph[id]
      let inputs = node.inputs.map { $0.flatMap { map[$0] } }
      let context = inference.context(
        inputs: inputs, outputCount: node.outputs.count, name: node.name, in: copy)
      let op = try (operators[id] ?? node.op).typed(for: context)
      let types = try op.inferTypes(context)
      let made = copy.addNode(
        node.name, op, inputs: inputs,
        outputs: zip(node.outputs, types).map { output, type in
          output.map { (graph[$0].name, type) }
        })
      inference.noteContents(of: made, in: copy)
      for case (let old?, let new?) in zip(node.outputs, copy[made].outputs) { map[old] = new }
    }
    copy.setOutputs(graph.outputs.compactMap { map[$0] })
    return FuzzCase(graph: copy, inputs: arguments, settings: settings)
  }

  /// The case with a number for every symbol.
  func closed() throws(Diagnostic) -> FuzzCase {
    var tensors: [ValueID: Tensor] = [:]
    var closed = self
    for (id, value) in zip(graph.inputs, inputs) {
      if let tensor = value.tensor { tensors[id] = tensor }
    }
    for (id, tensor) in tensors {
      closed.graph.setType(id, .tensor(tensor.type, tensor.shape.map { IndexExpr($0) }))
    }
    return try closed.replacing([:])
  }
}

extension Node {
  /// The operator without one of its attributes; nil where it needs it.
  func op(without attribute: String) -> (any Op)? {
    var attributes = op.attributes
    attributes[attribute] = nil
    var reader = AttributeReader(
      attributes, opset: 28, inputCount: inputs.count, outputCount: outputs.count)
    return try? type(of: op).init(&reader)
  }
}
