package import Diagnostics
package import Tensors

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
      let op: any Op
      do throws(Diagnostic) {
        op = try node.op.typed(for: context)
        types = try op.inferTypes(context)
      } catch {
        throw error.located(at: body.location(of: id))
      }
      let outputs = node.outputs.enumerated().map { number, output in
        output.flatMap { output -> (name: String, type: ValueType)? in
          guard number < types.count else { return nil }
          return ("\(prefix)/\(body[output].name)", types[number])
        }
      }
      let copy = addNode(name, op, inputs: inputs, outputs: outputs, before: place)
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

  /// Puts the nodes of a graph in the place of a node, whose outputs are that graph's; names of values stay.
  ///
  /// - Parameters:
  ///   - body: a graph whose inputs are those inputs of the node that are not left out.
  ///   - identity: the operator that copies a value, for outputs that are inputs.
  /// - Returns: what symbols in the types of the node's outputs have turned out to be.
  /// - Throws: what `inline` throws.
  package mutating func expand(
    _ id: NodeID, with body: Graph, copying identity: any Op, inference: inout TypeInference
  ) throws(Diagnostic) -> [Symbol: IndexExpr] {
    let node = self[id]
    let first = valueTable.count
    let given: [ValueID] = node.inputs.compactMap { $0 }
    let results = try inline(
      body, arguments: given, before: id, prefix: node.name, inference: &inference)
    var sizes: [Symbol: IndexExpr] = [:]
    var taken: Set<ValueID> = []
    for (output, result) in zip(node.outputs, results) {
      guard let output else { continue }
      var value = result
      // What is not made here, or is two outputs, has a name of its own already.
      let isNew = Int(result.index) >= first && producer(of: result) != nil
      if !isNew || !taken.insert(result).inserted {
        let copy = addNode(
          "\(node.name)/copy", identity, inputs: [result],
          outputs: [("\(node.name)/copy", self[result].type)], before: id)
        value = self[copy].outputs[0] ?? result
      }
      let merged = TypeInference.merge(self[value].type, declared: self[output].type)
      setType(value, merged)
      for (old, new) in zip(tensorType(output)?.shape ?? [], merged.tensor?.shape ?? []) {
        if let symbol = old.asSymbol, new != old { sizes[symbol] = new }
      }
      let name = self[output].name
      replaceUses(of: output, with: value)
      rename(output, to: "\(name)/expanded")
      rename(value, to: name)
    }
    erase(id)
    return sizes
  }

  /// Puts expressions in the place of symbols in the types of all values.
  package mutating func substitute(_ sizes: [Symbol: IndexExpr]) {
    if sizes.isEmpty { return }
    for id in valueIDs {
      guard let type = tensorType(id), let shape = type.shape else { continue }
      let known = shape.map { $0.substituting { sizes[$0] } }
      if known != shape { setType(id, .tensor(type.element, known)) }
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
