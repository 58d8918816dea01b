/// The names that a graph in an attribute takes from the graphs around it.
enum FreeNames {
  /// Free names of all graphs among the attributes, as the graph that holds the node spells them; sorted.
  static func of(_ node: SourceNode) -> [String] {
    var names: Set<String> = []
    for attribute in node.attributes {
      guard let graph = attribute.value.graph else { continue }
      for name in free(in: graph) { names.insert(attribute.outerName(name)) }
    }
    return names.sorted()
  }

  static func free(in graph: GraphMessage) -> Set<String> {
    var defined: Set<String> = [""]
    defined.formUnion(graph.inputs.map(\.name))
    defined.formUnion(graph.initializers.map(\.name))
    defined.formUnion(graph.sparseInitializers.compactMap { $0.values?.name })
    var used: Set<String> = Set(graph.outputs.map(\.name))
    for node in graph.nodes {
      used.formUnion(node.inputs)
      defined.formUnion(node.outputs)
      for attribute in node.attributes {
        if let inner = attribute.graph { used.formUnion(free(in: inner)) }
      }
    }
    return used.subtracting(defined)
  }
}
