package import Tensors

extension Graph {
  /// A name that no value has yet: `wanted`, or with a number behind it.
  package mutating func freshValueName(_ wanted: String) -> String {
    unused(wanted.isEmpty ? "v" : wanted) { $0.valueNames[$1] != nil }
  }

  package mutating func freshNodeName(_ wanted: String) -> String {
    unused(wanted.isEmpty ? "node" : wanted) { $0.nodeNames.contains($1) }
  }

  /// Remembers the last number per name, so that thousands of equal wishes stay linear.
  private mutating func unused(_ wanted: String, _ isTaken: (Graph, String) -> Bool) -> String {
    if !isTaken(self, wanted) { return wanted }
    var number = lastSuffixes[wanted, default: 0] + 1
    while isTaken(self, "\(wanted)_\(number)") { number += 1 }
    lastSuffixes[wanted] = number
    return "\(wanted)_\(number)"
  }

  private mutating func addValue(
    _ name: String, _ type: ValueType, _ definition: Definition
  ) -> ValueID {
    let id = ValueID(valueTable.count)
    let unique = freshValueName(name)
    valueTable.append(ValueInfo(name: unique, type: type, definition: definition))
    useTable.append([])
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
    noteUses(of: inputs, by: id)
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

  package mutating func setInputs(_ inputs: [ValueID]) { self.inputs = inputs }

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
    guard var node = nodeTable[Int(id.index)] else { return }
    dropUses(of: node.inputs, by: id)
    noteUses(of: inputs, by: id)
    node.op = op
    node.inputs = inputs
    nodeTable[Int(id.index)] = node
  }

  package mutating func rename(_ id: NodeID, to name: String) {
    guard var node = nodeTable[Int(id.index)], node.name != name else { return }
    nodeNames.remove(node.name)
    node.name = freshNodeName(name)
    nodeNames.insert(node.name)
    nodeTable[Int(id.index)] = node
  }

  private mutating func noteUses(of inputs: [ValueID?], by id: NodeID) {
    for case let input? in inputs { useTable[Int(input.index)].append(id) }
  }

  private mutating func dropUses(of inputs: [ValueID?], by id: NodeID) {
    for case let input? in inputs {
      if let place = useTable[Int(input.index)].firstIndex(of: id) {
        useTable[Int(input.index)].swapAt(place, useTable[Int(input.index)].count - 1)
        useTable[Int(input.index)].removeLast()
      }
    }
  }

  /// Makes every reader of `old`, and the graph's outputs, read `new`.
  ///
  /// - Complexity: linear in the number of readers and graph outputs.
  package mutating func replaceUses(of old: ValueID, with new: ValueID) {
    let readers = useTable[Int(old.index)]
    useTable[Int(old.index)] = []
    useTable[Int(new.index)] += readers
    for id in Set(readers) {
      guard var node = nodeTable[Int(id.index)] else { continue }
      node.inputs = node.inputs.map { $0 == old ? new : $0 }
      nodeTable[Int(id.index)] = node
    }
    outputs = outputs.map { $0 == old ? new : $0 }
  }

  /// Removes a node and its outputs; nothing may read them any more.
  package mutating func erase(_ id: NodeID) {
    guard clear(id) else { return }
    if let place = nodeIDs.lastIndex(of: id) { nodeIDs.remove(at: place) }
  }

  /// Removes many nodes at once: linear where one `erase` per node would be quadratic.
  package mutating func erase(_ ids: Set<NodeID>) {
    for id in ids { _ = clear(id) }
    nodeIDs.removeAll { ids.contains($0) }
  }

  /// Empties a node's slot and those of its outputs; false when it was empty.
  private mutating func clear(_ id: NodeID) -> Bool {
    guard let node = nodeTable[Int(id.index)] else { return false }
    for case let output? in node.outputs { eraseValue(output) }
    dropUses(of: node.inputs, by: id)
    nodeNames.remove(node.name)
    nodeTable[Int(id.index)] = nil
    return true
  }

  /// Removes a constant or an already orphaned value.
  package mutating func eraseValue(_ id: ValueID) {
    if let name = valueTable[Int(id.index)]?.name { valueNames[name] = nil }
    valueTable[Int(id.index)] = nil
    useTable[Int(id.index)] = []
  }
}
