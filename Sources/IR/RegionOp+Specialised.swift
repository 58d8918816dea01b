public import Diagnostics
import Tensors

/// An operator with graphs among its attributes whose types follow from what the node reads.
public protocol Retyped: Op {
  /// The operator with its graphs typed for a node; one that does not fit these types stays as it is.
  ///
  /// - Throws: what a shape rule in a graph does not support.
  func retyped(for context: InferenceContext) throws(Diagnostic) -> any Op
}

extension Op {
  /// The operator with its graphs typed by what the node reads now; itself where it has none.
  ///
  /// - Throws: what a shape rule in a graph does not support.
  package func typed(for context: InferenceContext) throws(Diagnostic) -> any Op {
    guard let op = self as? any Retyped else { return self }
    return try op.retyped(for: context)
  }
}

extension RegionOp {
  public func retyped(for context: InferenceContext) throws(Diagnostic) -> any Op {
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
    return try withAttributes(changed, context)
  }

  private func withAttributes(
    _ attributes: Attributes, _ context: InferenceContext
  ) throws(Diagnostic) -> Self {
    var reader = AttributeReader(
      attributes, opset: Self.schema.versions.last ?? 1, inputCount: context.inputCount,
      outputCount: context.outputCount)
    return try Self(&reader)
  }

  /// The operator with other graphs in the place of its regions.
  ///
  /// - Parameter rewrite: gets regions whose types fit each other, with the constants that they capture.
  package func mappingRegions(
    _ context: InferenceContext, _ rewrite: (Graph) throws(Diagnostic) -> Graph
  ) throws(Diagnostic) -> Self {
    var changed = attributes
    for (name, value) in attributes.entries {
      guard case .graph(var region) = value else { continue }
      var inference = TypeInference()
      do throws(Diagnostic) {
        try inference.run(on: &region)
      } catch {
        // It may never run for these sizes.
        if error.severity != .error { throw error }
        continue
      }
      let captured = zip(
        region.inputs.suffix(captureCount), context.constants.suffix(captureCount))
      for case let (input, constant?) in captured {
        let value = region.addConstant(region[input].name, constant)
        region.replaceUses(of: input, with: value)
      }
      changed[name] = .graph(try rewrite(region))
    }
    return try withAttributes(changed, context)
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
