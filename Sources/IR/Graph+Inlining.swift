package import Diagnostics
import Tensors

extension Graph {
  /// Writes the nodes of another graph into this one and returns what its outputs are here.
  ///
  /// Types are inferred again from the arguments. Names begin with `prefix` where they are not free.
  ///
  /// - Parameters:
  ///   - arguments: what stands for the inputs of `body`, in their order; nil for what is left out.
  ///   - place: the node that the new ones come before; nil for the end.
  /// - Throws: what a shape rule says of the arguments, located at the node of `body`.
  package mutating func inline(
    _ body: Graph, arguments: [ValueID?], before place: NodeID? = nil, prefix: String,
    inference: inout TypeInference
  ) throws(Diagnostic) -> [ValueID] {
    var values: [ValueID: ValueID] = [:]
    for (input, argument) in zip(body.inputs, arguments) { values[input] = argument }
    for id in body.nodeIDs {
      let node = body[id]
      let inputs = node.inputs.map { input in
        input.flatMap { stand(in: $0, of: body, prefix, &values) }
      }
      let name = freshNodeName("\(prefix)/\(node.name)")
      let context = inference.context(
        inputs: inputs, outputCount: node.outputs.count, name: name, in: self)
      let types: [ValueType]
      do throws(Diagnostic) {
        types = try node.op.inferTypes(context)
      } catch {
        throw error.located(at: body.location(of: id))
      }
      let outputs = node.outputs.enumerated().map { number, output in
        output.flatMap { output -> (name: String, type: ValueType)? in
          guard number < types.count else { return nil }
          return ("\(prefix)/\(body[output].name)", types[number])
        }
      }
      let copy = addNode(name, node.op, inputs: inputs, outputs: outputs, before: place)
      for (old, new) in zip(node.outputs, self[copy].outputs) {
        if let old, let new { values[old] = new }
      }
      inference.noteContents(of: copy, in: self)
    }
    return try body.outputs.map { output throws(Diagnostic) in
      guard let value = stand(in: output, of: body, prefix, &values) else {
        throw .internal("graph.inline", "'\(body[output].name)' is left out")
      }
      return value
    }
  }

  /// What stands for a value of the other graph; constants are added when they are first asked for.
  private mutating func stand(
    in value: ValueID, of body: Graph, _ prefix: String, _ values: inout [ValueID: ValueID]
  ) -> ValueID? {
    if let known = values[value] { return known }
    guard let tensor = body.constant(value) else { return nil }
    let copy = addConstant("\(prefix)/\(body[value].name)", tensor)
    values[value] = copy
    return copy
  }
}
