import Loops
import Tensors

/// The 64-bit values of a compiled model: first its symbols, then every size that follows from them.
///
/// Constants are values too, so that whatever needs a size names it by its number here.
struct ModelValues {
  /// Symbols bound from the shapes of inputs, then those that steps compute, in order of first occurrence.
  let symbols: [Symbol]
  private(set) var expressions: [IndexExpr] = []
  private var numbers: [IndexExpr: Int] = [:]

  init(_ program: Program) {
    var symbols = program.inputSymbols
    for step in program.steps {
      var defined = step.defines.map { [$0] } ?? []
      if case .run(let region)? = step.region { defined += region.defines }
      for symbol in defined where !symbols.contains(symbol) { symbols.append(symbol) }
    }
    self.symbols = symbols
    for (number, symbol) in symbols.enumerated() { numbers[IndexExpr(symbol)] = number }
  }

  var count: Int { symbols.count + expressions.count }

  /// The number of a size, which is added if it is new.
  mutating func number(of expression: IndexExpr) -> Int {
    if let known = numbers[expression] { return known }
    let number = count
    expressions.append(expression)
    numbers[expression] = number
    return number
  }

  /// A kernel that fills in the values that follow from the symbols.
  func kernel(name: String) -> Kernel {
    let values = Buffer(
      name: "values", base: .parameter(0), element: .i64, shape: [IndexExpr(count)], alignment: 8)
    let bindings = symbols.enumerated().map { number, symbol in
      Statement.bind(symbol, .load(values, [IndexExpr(number)]))
    }
    let stores = expressions.enumerated().map { number, expression in
      Statement.store(values, [IndexExpr(symbols.count + number)], .index(expression))
    }
    return Kernel(
      name: name, parameters: [.init(values, isWritten: true)], body: bindings + stores)
  }
}
