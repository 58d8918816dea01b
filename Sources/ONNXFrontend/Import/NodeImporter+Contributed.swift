import Diagnostics
import IR
import Ops

extension NodeImporter {
  /// Writes what an operator of another runtime comes down to, under the names of its outputs.
  ///
  /// - Throws: what a shape rule says of the inputs.
  func writeOut(
    _ op: any ContributedOp, _ node: ImportedNode, _ inputs: [ValueID?],
    _ known: InferenceContext
  ) throws(Diagnostic) -> Bool {
    guard let body = try op.composition(known) else { return false }
    let results = try owner.graph.inline(
      body, arguments: inputs.compactMap { $0 }, prefix: node.name, inference: &owner.inference)
    var named: Set<ValueID> = []
    for (name, result) in zip(node.outputs, results) where !name.isEmpty {
      guard owner.bindings[name] == nil else {
        throw Diagnostic("import.duplicate-value", "output '\(name)' is defined more than once")
      }
      let type = owner.checkDeclared(name, owner.graph[result].type, at: location)
      guard named.insert(result).inserted, owner.graph.producer(of: result) != nil,
        !inputs.contains(result)
      else {
        let copy = owner.graph.addNode(
          owner.graph.freshNodeName("\(node.name)/Identity"), Identity(), inputs: [result],
          outputs: [(name, type)])
        if let value = owner.graph[copy].outputs.first ?? nil {
          owner.bindings[name] = .value(value)
        }
        continue
      }
      owner.graph.rename(result, to: name)
      owner.graph.setType(result, type)
      owner.bindings[name] = .value(result)
    }
    return true
  }
}
