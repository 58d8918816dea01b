package import Diagnostics
import Tensors

extension Op {
  /// The operator with its regions typed by what the node reads now; itself where it has none.
  ///
  /// A region that does not fit these types stays as it is.
  ///
  /// - Throws: what a shape rule in a region does not support.
  package func typed(for context: InferenceContext) throws(Diagnostic) -> any Op {
    guard let region = self as? any RegionOp else { return self }
    return try region.specialised(context)
  }
}

extension RegionOp {
  fileprivate func specialised(_ context: InferenceContext) throws(Diagnostic) -> any Op {
    let schema = Self.schema
    let node = ImportedNode(
      name: context.symbolPrefix, domain: schema.domain, op: schema.name,
      opset: schema.versions.last ?? 1, inputs: [], outputs: [], attributes: attributes)
    let own = Array(context.types.dropLast(captureCount))
    var changed = attributes
    // A region that never runs need not fit.
    let chosen = Self.chosenRegion(context.constants)
    for (name, value) in attributes.entries where chosen == nil || chosen == name {
      guard case .graph(let region) = value else { continue }
      let ownCount = max(0, region.inputs.count - captureCount)
      var arguments = Array(
        Self.argumentTypes(of: name, node: node, types: own).prefix(ownCount))
      while arguments.count < ownCount { arguments.append(nil) }
      let feedback = Self.feedback(of: name, node: node, inputCount: own.count)
      let captured = context.types.suffix(captureCount)
      do throws(Diagnostic) {
        changed[name] = .graph(
          try region.specialised(arguments + captured, feedback: feedback, prefix: node.name))
      } catch {
        // It may never run for these sizes; where it does, it fails then.
        if error.severity != .error { throw error }
      }
    }
    var reader = AttributeReader(
      changed, opset: node.opset, inputCount: context.inputCount,
      outputCount: context.outputCount)
    return try Self(&reader)
  }
}

extension Graph {
  /// The graph typed by its arguments, where some outputs become inputs of its next run: their types are those of
  /// all runs.
  fileprivate func specialised(
    _ types: [ValueType?], feedback: [(output: Int, input: Int)], prefix: String
  ) throws(Diagnostic) -> Graph {
    var types = types
    // What the graph says of an input and its argument does not is left to the check of the arguments.
    for (number, input) in inputs.enumerated() where number < types.count {
      if let type = types[number], !self[input].type.isCompatible(with: type) {
        types[number] = nil
      }
    }
    var isStable = false
    var graph = self
    while !isStable {
      graph = try specialised(types)
      isStable = true
      for (output, input) in feedback
      where output < graph.outputs.count && input < graph.inputs.count {
        let entered = graph[graph.inputs[input]].type
        let joined = entered.joined(with: graph[graph.outputs[output]].type) {
          .symbol("\(prefix).carried\(input).\($0)")
        }
        guard let joined, joined != entered, types[input] != joined else { continue }
        types[input] = joined
        isStable = false
      }
    }
    return graph
  }
}
