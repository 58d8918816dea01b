package import Diagnostics

extension Graph {
  /// Runs the reference computation of each node, one after the other, and returns the outputs.
  ///
  /// Values are dropped when nothing reads them any more.
  ///
  /// - Throws: what a reference computation throws, located at its node.
  package func evaluate(_ arguments: [Value]) throws(Diagnostic) -> [Value] {
    guard arguments.count == inputs.count else {
      throw .internal(
        "region.argument-count", "\(arguments.count) arguments, expected \(inputs.count)")
    }
    var values: [Value?] = Array(repeating: nil, count: valueTable.count)
    var remaining = Array(repeating: 0, count: valueTable.count)
    for id in nodeIDs {
      for case let input? in self[id].inputs { remaining[Int(input.index)] += 1 }
    }
    for id in outputs { remaining[Int(id.index)] += 1 }
    for (id, value) in zip(inputs, arguments) { values[Int(id.index)] = value }
    for id in nodeIDs {
      let node = self[id]
      let operands = node.inputs.map { $0.flatMap { found($0, values) } }
      let results = try evaluate(id, node, operands)
      for (output, result) in zip(node.outputs, results) {
        if let output, remaining[Int(output.index)] > 0 { values[Int(output.index)] = result }
      }
      for case let input? in node.inputs {
        remaining[Int(input.index)] -= 1
        if remaining[Int(input.index)] == 0 { values[Int(input.index)] = nil }
      }
    }
    return try outputs.map { id throws(Diagnostic) in
      guard let value = found(id, values) else {
        throw .internal("region.missing-value", "value '\(self[id].name)' was never computed")
      }
      return value
    }
  }

  private func found(_ id: ValueID, _ values: [Value?]) -> Value? {
    constant(id).map { .tensor($0) } ?? values[Int(id.index)]
  }

  private func evaluate(_ id: NodeID, _ node: Node, _ operands: [Value?]) throws(Diagnostic)
    -> [Value]
  {
    let results: [Value]
    do throws(Diagnostic) {
      results = try node.op.evaluate(operands, outputCount: node.outputs.count)
    } catch {
      throw error.located(at: location(of: id))
    }
    guard results.count >= node.outputs.count else {
      throw .internal(
        "interpreter.output-count",
        "the reference gives \(results.count) values for \(node.outputs.count) outputs",
        at: location(of: id))
    }
    return results
  }
}
