package import Tensors

extension Graph {
  /// A name that no value has yet: `wanted`, or with a number behind it.
  package func freshValueName(_ wanted: String) -> String {
    unused(wanted.isEmpty ? "v" : wanted) { valueNames[$0] != nil }
  }

  package func freshNodeName(_ wanted: String) -> String {
    unused(wanted.isEmpty ? "node" : wanted) { nodeNames.contains($0) }
  }

  private func unused(_ wanted: String, _ isTaken: (String) -> Bool) -> String {
    if !isTaken(wanted) { return wanted }
    var number = 1
    while isTaken("\(wanted)_\(number)") { number += 1 }
    return "\(wanted)_\(number)"
  }

  private mutating func addValue(
    _ name: String, _ type: ValueType, _ definition: Definition
  ) -> ValueID {
    let id = ValueID(valueTable.count)
    let unique = freshValueName(name)
    valueTable.append(ValueInfo(name: unique, type: type, definition: definition))
    valueNames[unique] = id
    return id
  }

  package mutating func addInput(_ name: String, _ type: ValueType) -> ValueID {
    let id = addValue(name, type, .input)
    inputs.append(id)
    return id
  }

  package mutating func addConstant(_ name: String, _ tensor: Tensor) -> ValueID {
    let type = ValueType.tensor(tensor.type, tensor.shape.map { IndexExpr($0) })
    return addValue(name, type, .constant(tensor))
  }

  /// Appends a node, or puts it before another, and creates its output values; a nil name is an unused output.
  @discardableResult
  package mutating func addNode(
    _ name: String, _ op: any Op, inputs: [ValueID?], outputs: [(name: String, type: ValueType)?],
    before place: NodeID? = nil
  ) -> NodeID {
    let id = NodeID(nodeTable.count)
    let unique = freshNodeName(name)
    nodeNames.insert(unique)
    nodeTable.append(Node(name: unique, op: op, inputs: inputs, outputs: []))
    var results: [ValueID?] = []
    for (number, output) in outputs.enumerated() {
      results.append(output.map { addValue($0.name, $0.type, .node(id, output: number)) })
    }
    nodeTable[Int(id.index)]?.outputs = results
    if let place, let position = nodeIDs.firstIndex(of: place) {
      nodeIDs.insert(id, at: position)
    } else {
      nodeIDs.append(id)
    }
    return id
  }

  package mutating func setOutputs(_ outputs: [ValueID]) { self.outputs = outputs }

  package mutating func setType(_ id: ValueID, _ type: ValueType) {
    valueTable[Int(id.index)]?.type = type
  }

  package mutating func rename(_ id: ValueID, to name: String) {
    let unique = freshValueName(name)
    if let old = valueTable[Int(id.index)]?.name { valueNames[old] = nil }
    valueTable[Int(id.index)]?.name = unique
    valueNames[unique] = id
  }

  package mutating func setNode(_ id: NodeID, op: any Op, inputs: [ValueID?]) {
    nodeTable[Int(id.index)]?.op = op
    nodeTable[Int(id.index)]?.inputs = inputs
  }

  /// Makes every reader of `old`, and the graph's outputs, read `new`.
  package mutating func replaceUses(of old: ValueID, with new: ValueID) {
    for id in nodeIDs {
      guard var node = nodeTable[Int(id.index)], node.inputs.contains(old) else { continue }
      node.inputs = node.inputs.map { $0 == old ? new : $0 }
      nodeTable[Int(id.index)] = node
    }
    outputs = outputs.map { $0 == old ? new : $0 }
  }

  /// Removes a node and its outputs; nothing may read them any more.
  package mutating func erase(_ id: NodeID) {
    guard let node = nodeTable[Int(id.index)] else { return }
    for case let output? in node.outputs { eraseValue(output) }
    nodeNames.remove(node.name)
    nodeTable[Int(id.index)] = nil
    nodeIDs.removeAll { $0 == id }
  }

  /// Removes many nodes at once: linear where one `erase` per node would be quadratic.
  package mutating func erase(_ ids: Set<NodeID>) {
    for id in ids {
      guard let node = nodeTable[Int(id.index)] else { continue }
      for case let output? in node.outputs { eraseValue(output) }
      nodeNames.remove(node.name)
      nodeTable[Int(id.index)] = nil
    }
    nodeIDs.removeAll { ids.contains($0) }
  }

  /// Removes a constant or an already orphaned value.
  package mutating func eraseValue(_ id: ValueID) {
    if let name = valueTable[Int(id.index)]?.name { valueNames[name] = nil }
    valueTable[Int(id.index)] = nil
  }
}
