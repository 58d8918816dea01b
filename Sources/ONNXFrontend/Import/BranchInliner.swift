/// Writes the graph in an attribute out in place of its node, for branches that are the only ones that can run.
///
/// What the branch defines gets names of its own; its outputs get those of the node's outputs.
struct BranchInliner {
  let owner: GraphImporter
  let node: SourceNode
  let branch: SourceAttribute

  func run() {
    guard let graph = branch.value.graph else { return }
    let prefix = node.name + "/"
    var bindings: [String: String] = [:]
    for name in FreeNames.free(in: graph) { bindings[name] = branch.outerName(name) }
    let defined = Set(graph.nodes.flatMap(\.outputs))
    var copies: [(from: String, to: String)] = []
    for (info, output) in zip(graph.outputs, node.outputs) where !output.isEmpty {
      if defined.contains(info.name), bindings[info.name] == nil {
        bindings[info.name] = output
      } else {
        copies.append((bindings[info.name] ?? prefix + info.name, output))
      }
    }
    let scope = FunctionScope(
      key: branch.scope?.key ?? FunctionKey(domain: "", name: "", overload: ""),
      caller: branch.scope, opsets: branch.scope?.opsets ?? owner.context.opsets,
      attributes: branch.scope?.attributes ?? [:], prefix: prefix, bindings: bindings)
    for tensor in graph.initializers { owner.addInitializer(tensor, as: prefix + tensor.name) }
    for sparse in graph.sparseInitializers {
      owner.addSparseInitializer(sparse, as: prefix + (sparse.values?.name ?? ""))
    }
    for info in graph.valueInfos {
      if let type = info.type { owner.declared[scope.map(info.name)] = type }
    }
    var nodes = FunctionInliner.expand(graph.nodes, scope: scope, in: owner.context)
    for (number, (from, to)) in copies.enumerated() {
      nodes.append(
        SourceNode(
          name: "\(prefix)Identity_\(number)", domain: "", op: "Identity",
          opset: scope.opsets[""], inputs: [from], outputs: [to], attributes: []))
    }
    owner.addNodes(nodes)
  }
}
