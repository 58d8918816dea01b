import Tensors

/// Counts operations, and how often every loop runs.
///
/// A loop whose variable no inner bound and no condition mentions is walked once for all its iterations; any other one
/// iteration by iteration, or `samples` of them spread evenly where there are more.
struct WorkCounter {
  private(set) var floatOperations = 0.0
  private(set) var byteOperations = 0.0
  private(set) var isExact = true
  /// For each loop variable how often the loop was entered, and how many iterations it ran in all.
  private(set) var entries: [Symbol: Double] = [:]
  private(set) var iterations: [Symbol: Double] = [:]
  private var symbols: [Symbol: Int] = [:]
  /// For each loop variable whether something inside depends on it.
  private var isDecisive: [Symbol: Bool] = [:]

  private static let samples = 32

  init(_ kernel: Kernel, _ values: [Int]) {
    for (symbol, value) in zip(kernel.values, values) { symbols[symbol] = value }
    _ = note(kernel.body)
  }

  /// The mean number of iterations of a loop.
  func tripCount(_ variable: Symbol) -> Double {
    guard let entered = entries[variable], entered > 0 else { return 0 }
    return (iterations[variable] ?? 0) / entered
  }

  /// The bytes behind a buffer.
  func byteCount(of buffer: Buffer) -> Double {
    buffer.shape.reduce(Double(max(1, buffer.element.bitWidth)) / 8) {
      $0 * Double(value($1) ?? 1)
    }
  }

  // MARK: What decides

  /// Notes which loops' variables decide about what is inside, and returns the symbols that decide.
  private mutating func note(_ statements: [Statement]) -> Set<Symbol> {
    var deciding: Set<Symbol> = []
    for statement in statements {
      switch statement {
      case .loop(let loop):
        let inner = note(loop.body)
        isDecisive[loop.variable] = inner.contains(loop.variable)
        deciding.formUnion(inner)
        deciding.formUnion(loop.lower.symbols)
        deciding.formUnion(loop.upper.symbols)
      case .if(let condition, let then, let otherwise):
        deciding.formUnion(condition.indexSymbols)
        deciding.formUnion(note(then))
        deciding.formUnion(note(otherwise))
      case .while(_, let body): deciding.formUnion(note(body))
      default: break
      }
    }
    return deciding
  }

  // MARK: Counting

  mutating func count(_ statements: [Statement], times: Double) {
    for statement in statements { count(statement, times: times) }
  }

  private mutating func count(_ statement: Statement, times: Double) {
    for expression in statement.expressions { count(expression, times: times) }
    switch statement {
    case .loop(let loop): count(loop, times: times)
    case .if(let condition, let then, let otherwise):
      if let isTrue = truth(condition) { return count(isTrue ? then : otherwise, times: times) }
      isExact = false
      count(heavier(then, otherwise), times: times)
    case .while(_, let body):
      isExact = false
      count(body, times: times)
    case .tile(.dot): byteOperations += 2 * Double(TileStatement.productCount) * times
    default: break
    }
  }

  private mutating func count(_ loop: Loop, times: Double) {
    entries[loop.variable, default: 0] += times
    let outer = symbols[loop.variable]
    defer { symbols[loop.variable] = outer }
    guard let lower = value(loop.lower), let upper = value(loop.upper) else {
      isExact = false
      iterations[loop.variable, default: 0] += times
      return count(loop.body, times: times)
    }
    let trips = max(0, (upper - lower + loop.step - 1) / loop.step)
    iterations[loop.variable, default: 0] += times * Double(trips)
    if trips == 0 { return }
    let visits = isDecisive[loop.variable] == true ? min(trips, Self.samples) : 1
    for visit in 0..<visits {
      // The middle of each of as many equal parts; the first and only iteration where there is one.
      let trip = visits == trips ? visit : (2 * visit + 1) * trips / (2 * visits)
      symbols[loop.variable] = lower + trip * loop.step
      count(loop.body, times: times * Double(trips) / Double(visits))
    }
  }

  private mutating func count(_ expression: Expr, times: Double) {
    floatOperations += expression.ownFloatOperations * times
    switch expression {
    case .dot4, .dotShorts: byteOperations += 8 * times
    default: break
    }
    for child in expression.children { count(child, times: times) }
  }

  /// Of two branches the one with more operations in it, loops not counted.
  private func heavier(_ a: [Statement], _ b: [Statement]) -> [Statement] {
    func weight(_ statements: [Statement]) -> Int {
      statements.reduce(0) { $0 + 1 + weight($1.children) }
    }
    return weight(a) >= weight(b) ? a : b
  }

  private func value(_ index: IndexExpr) -> Int? { index.value ?? index.evaluate { symbols[$0] } }

  /// Whether a condition on indices holds; nil where it is on data.
  private func truth(_ condition: Expr) -> Bool? {
    switch condition {
    case .integer(let value, .bool): return value != 0
    case .binary(.and, let a, let b):
      guard let a = truth(a), let b = truth(b) else { return nil }
      return a && b
    case .binary(.or, let a, let b):
      guard let a = truth(a), let b = truth(b) else { return nil }
      return a || b
    case .compare(let comparison, .index(let a), .index(let b)):
      guard let a = value(a), let b = value(b) else { return nil }
      return comparison.holds(a, b)
    default: return nil
    }
  }
}

extension Comparison {
  fileprivate func holds(_ a: Int, _ b: Int) -> Bool {
    switch self {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }
}

extension Expr {
  /// Symbols of the index expressions in an expression.
  fileprivate var indexSymbols: Set<Symbol> {
    if case .index(let index) = self { return index.symbols }
    return children.reduce(into: []) { $0.formUnion($1.indexSymbols) }
  }
}
