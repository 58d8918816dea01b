public import Diagnostics
import IR
import Tensors

/// Numbers for what a model leaves open: an input's whole shape, or one symbol.
public struct ShapeBinding: Sendable, Hashable {
  /// The name of an input, or of a symbol.
  public var name: String
  public var dimensions: [Int]

  public init(name: String, dimensions: [Int]) {
    self.name = name
    self.dimensions = dimensions
  }

  /// Reads `NAME=1,3,224,224`; nil when it is not of that form.
  public init?(_ text: String) {
    guard let equals = text.lastIndex(of: "="), equals != text.startIndex else { return nil }
    let parts = text[text.index(after: equals)...].split(
      separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0.filter { $0 != " " }) }
    guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    self.init(name: String(text[..<equals]), dimensions: numbers)
  }
}

extension Model {
  /// Replaces symbols by numbers, in every type of the graph.
  ///
  /// - Throws: `shape.binding` for a name that is neither an input nor a symbol, for a rank or a number that
  ///   contradicts the model, and for a symbol that would have to be two numbers; or what a shape rule says
  ///   about the numbers.
  public mutating func bind(_ bindings: [ShapeBinding]) throws(Diagnostic) {
    guard !bindings.isEmpty else { return }
    var numbers: [Symbol: Int] = [:]
    for binding in bindings {
      if let id = graph.inputs.first(where: { graph[$0].name == binding.name }) {
        try bind(id, to: binding.dimensions, &numbers)
      } else {
        try bind(symbolOf: binding, &numbers)
      }
    }
    for id in graph.valueIDs {
      guard case .tensor(let type) = graph[id].type, let shape = type.shape else { continue }
      let bound = shape.map { $0.substituting { symbol in numbers[symbol].map { IndexExpr($0) } } }
      if bound != shape { graph.setType(id, .tensor(type.element, bound)) }
    }
    var inference = TypeInference()
    try inference.run(on: &graph)
  }

  private mutating func bind(
    _ id: ValueID, to dimensions: [Int], _ numbers: inout [Symbol: Int]
  ) throws(Diagnostic) {
    let input = graph[id]
    func contradiction() -> Diagnostic {
      Diagnostic(
        "shape.binding", "the shape \(dimensions) does not fit \(input.type)",
        at: .value(model: graph.source, name: input.name))
    }
    guard case .tensor(let type) = input.type else { throw contradiction() }
    guard let shape = type.shape else {
      graph.setType(id, .tensor(type.element, dimensions.map { IndexExpr($0) }))
      return
    }
    guard shape.count == dimensions.count else { throw contradiction() }
    for (expected, number) in zip(shape, dimensions) {
      if let symbol = expected.asSymbol {
        guard numbers[symbol, default: number] == number else { throw contradiction() }
        numbers[symbol] = number
      } else if expected.value != number {
        throw contradiction()
      }
    }
  }

  private func bind(
    symbolOf binding: ShapeBinding, _ numbers: inout [Symbol: Int]
  ) throws(Diagnostic) {
    let symbols = graph.inputs.flatMap { graph.tensorType($0)?.shape ?? [] }.flatMap(\.symbols)
    guard let symbol = symbols.first(where: { $0.name == binding.name }) else {
      let names = graph.inputs.map { graph[$0].name } + Set(symbols.map(\.name)).sorted()
      throw Diagnostic(
        "shape.binding",
        "'\(binding.name)' is neither an input nor a symbol, expected one of "
          + names.map { "'\($0)'" }.joined(separator: ", "), at: .file(graph.source))
    }
    guard binding.dimensions.count == 1, let number = binding.dimensions.first,
      numbers[symbol, default: number] == number
    else {
      throw Diagnostic(
        "shape.binding",
        "the symbol '\(symbol)' cannot be \(binding.dimensions), expected one number",
        at: .file(graph.source))
    }
    numbers[symbol] = number
  }
}
