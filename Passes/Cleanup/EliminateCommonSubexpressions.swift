import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Computes equal things once.
  ///
  ///     %a = Relu(%x)
  ///     %b = Relu(%x)
  ///     %c = Add(%a, %b)
  /// ->
  ///     %a = Relu(%x)
  ///     %c = Add(%a, %a)
  ///
  /// Nodes are equal when operator, attributes, inputs and the set of used outputs are, and the operator is
  /// deterministic. Constants are equal when type, shape and bytes are (larger ones only when they share storage).
  package static let eliminateCommonSubexpressions = Pass(
    "eliminate-common-subexpressions", "compute equal nodes once and keep equal constants once"
  ) { (rw) throws(Diagnostic) in
    try mergeConstants(&rw)
    var known: [String: NodeID] = [:]
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), node.op.isDeterministic else { continue }
      let inputs = node.inputs.map { $0.map { String($0.index) } ?? "_" }.joined(separator: ",")
      let outputs = node.outputs.map { $0 == nil ? "_" : "o" }.joined()
      let key = "\(node.opName)(\(inputs))\(outputs)\(Printer.text(of: node.op.attributes))"
      guard let first = known[key] else {
        known[key] = id
        continue
      }
      for case (let old?, let new?) in zip(node.outputs, rw.graph[first].outputs) {
        try rw.forward(old, to: new)
      }
    }
  }

  private static func mergeConstants(_ rw: inout Rewriter) throws(Diagnostic) {
    var byContent: [String: ValueID] = [:]
    var byStorage: [ObjectIdentifier: [ValueID]] = [:]
    for value in rw.graph.valueIDs {
      guard let tensor = rw.constant(value), rw.graph.useCount(of: value) > 0 else { continue }
      if tensor.elementCount <= 65_536 {
        let key = tensor.contentHash
        guard let first = byContent[key], rw.constant(first).map({ isSame($0, tensor) }) ?? false
        else {
          byContent[key] = value
          continue
        }
        try rw.forward(value, to: first)
      } else {
        let same = byStorage[ObjectIdentifier(tensor.storage), default: []]
        let first = same.first { rw.constant($0).map { isSame($0, tensor) } ?? false }
        if let first {
          try rw.forward(value, to: first)
        } else {
          byStorage[ObjectIdentifier(tensor.storage), default: []].append(value)
        }
      }
    }
  }

  private static func isSame(_ a: Tensor, _ b: Tensor) -> Bool {
    guard a.type == b.type, a.shape == b.shape else { return false }
    if a.storage === b.storage { return true }
    if a.type == .string { return a.strings == b.strings }
    return unsafe a.withBytes { p in unsafe b.withBytes { q in unsafe p.elementsEqual(q) } }
  }
}
