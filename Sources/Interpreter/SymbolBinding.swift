import Diagnostics
import IR
import Tensors

/// The numbers that symbols stand for in one run: from the inputs, and from results whose size depends on data.
struct SymbolBinding {
  private var numbers: [Symbol: Int] = [:]

  /// Checks the inputs against the graph's and learns the symbols in their shapes.
  ///
  /// - Throws: `run.input-count`, `run.input-type`, `run.input-shape`.
  mutating func bind(_ inputs: [Value], to graph: Graph) throws(Diagnostic) {
    guard inputs.count == graph.inputs.count else {
      let names = graph.inputs.map { "'\(graph[$0].name)'" }.joined(separator: ", ")
      throw Diagnostic(
        "run.input-count",
        "\(inputs.count) inputs are given, expected \(graph.inputs.count): \(names)")
    }
    for (id, value) in zip(graph.inputs, inputs) {
      let expected = graph[id]
      let location = Location.value(model: graph.source, name: expected.name)
      guard matches(value, expected.type) else {
        throw Diagnostic(
          "run.input-type", "input '\(expected.name)' is \(value.type), expected \(expected.type)",
          at: location)
      }
      guard learn(value, expected.type) else {
        throw Diagnostic(
          "run.input-shape",
          "input '\(expected.name)' is \(value.type), expected \(expected.type)\(known(expected.type))",
          at: location)
      }
    }
  }

  /// Holds a result against the type that shape inference gave it.
  ///
  /// - Throws: `interpreter.result`, internal: the shape rule and the reference computation of an operator disagree.
  mutating func check(_ value: Value, _ id: ValueID, of node: NodeID, in graph: Graph)
    throws(Diagnostic)
  {
    let expected = graph[id]
    guard matches(value, expected.type), learn(value, expected.type) else {
      throw .internal(
        "interpreter.result",
        "'\(expected.name)' is computed as \(value.type), inferred as \(expected.type)"
          + known(expected.type),
        at: graph.location(of: node))
    }
  }

  private func matches(_ value: Value, _ type: ValueType) -> Bool {
    switch (value, type) {
    case (.tensor(let tensor), .tensor(let expected)): tensor.type == expected.element
    case (.sequence, .sequence), (.optional, .optional), (.map, .map): true
    default: false
    }
  }

  /// False when the shape contradicts the type or what symbols already stand for.
  private mutating func learn(_ value: Value, _ type: ValueType) -> Bool {
    guard case .tensor(let tensor) = value, let shape = type.tensor?.shape else { return true }
    guard tensor.shape.count == shape.count else { return false }
    for (found, expected) in zip(tensor.shape, shape) {
      if let symbol = expected.asSymbol, numbers[symbol] == nil {
        numbers[symbol] = found
      }
    }
    return zip(tensor.shape, shape).allSatisfy { found, expected in
      expected.evaluate { numbers[$0] }.map { $0 == found } ?? true
    }
  }

  /// What the symbols of a type stand for, for messages.
  private func known(_ type: ValueType) -> String {
    let symbols = (type.tensor?.shape ?? []).reduce(into: Set<Symbol>()) {
      $0.formUnion($1.symbols)
    }
    let bound = symbols.sorted { $0.name < $1.name }.compactMap { symbol in
      numbers[symbol].map { "\(symbol.name) = \($0)" }
    }
    return bound.isEmpty ? "" : " with \(bound.joined(separator: ", "))"
  }
}
