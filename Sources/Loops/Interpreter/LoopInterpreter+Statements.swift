import Diagnostics
import Tensors

extension LoopInterpreter {
  mutating func run(_ statements: [Statement]) throws(Diagnostic) {
    let saved = scope
    for statement in statements { try run(statement) }
    scope = saved
  }

  private mutating func run(_ statement: Statement) throws(Diagnostic) {
    switch statement {
    case .loop(let loop): try run(loop)
    case .registers(let registers, let initial):
      let value = try evaluate(initial)
      let count = registers.shape.elementCount
      files[registers.name] = Array(repeating: spread(value), count: count)
    case .set(let registers, let position, let new):
      let value = try evaluate(new)
      let slot = try self.slot(registers, position)
      guard let old = files[registers.name]?[slot], old.count >= value.count else {
        throw broken(
          "loops.varying-register", "'\(registers.name)' holds one value for all lanes")
      }
      let new = merged(value, old)
      files[registers.name]?[slot] = new
    case .let(let local, let new): scope.locals[local] = try evaluate(new)
    case .bind(let symbol, let new):
      scope.symbols[symbol] = try evaluate(new).map { Int($0.integer) }
    case .store(let buffer, let position, let new):
      try store(evaluate(new), buffer, position, condition: nil)
    case .storeIf(let condition, let buffer, let position, let new):
      let mask = try evaluate(condition)
      try store(evaluate(new), buffer, position, condition: mask)
    case .if(let condition, let then, let otherwise):
      try run(holds(condition) ? then : otherwise)
    case .while(let condition, let body):
      while try holds(condition) { try run(body) }
    case .tile(let tile): try run(tile)
    case .prefetch, .comment: break
    }
  }

  private mutating func run(_ loop: Loop) throws(Diagnostic) {
    let lower = try uniform(loop.lower, "a bound of the loop over '\(loop.variable.name)'")
    let upper = try uniform(loop.upper, "a bound of the loop over '\(loop.variable.name)'")
    let saved = scope
    defer { scope = saved }
    guard case .vector(let count) = loop.kind, count > 1 else {
      for value in stride(from: lower, to: upper, by: loop.step) {
        scope.symbols[loop.variable] = [value]
        try run(loop.body)
      }
      return
    }
    guard scope.lanes == nil else {
      throw broken("loops.nested-vectors", "vector loop over '\(loop.variable.name)' in another")
    }
    for base in stride(from: lower, to: upper, by: loop.step * count) {
      let values = (0..<count).map { base + $0 * loop.step }
      scope.lanes = InterpreterLanes(count: count, isOn: values.map { $0 < upper })
      scope.symbols[loop.variable] = values
      try run(loop.body)
    }
  }

  private mutating func store(
    _ value: [Number], _ buffer: Buffer, _ position: [IndexExpr], condition: [Number]?
  ) throws(Diagnostic) {
    for lane in 0..<laneCount where isOn(lane) {
      if let condition, !pick(condition, lane).isTrue { continue }
      try write(pick(value, lane), buffer, position, lane: lane)
    }
  }

  /// A condition that must be the same in all lanes that are on.
  private func holds(_ condition: Expr) throws(Diagnostic) -> Bool {
    let values = try evaluate(condition)
    let live = (0..<laneCount).filter(isOn).map { pick(values, $0) }
    guard let first = live.first else { return false }
    guard live.allSatisfy({ $0 == first }) else {
      throw broken("loops.varying-condition", "a condition differs between lanes")
    }
    return first.isTrue
  }

  private func uniform(_ expression: IndexExpr, _ what: String) throws(Diagnostic) -> Int {
    let first = try index(expression, lane: 0)
    for lane in 1..<max(1, laneCount) where isOn(lane) {
      guard try index(expression, lane: lane) == first else {
        throw broken("loops.varying-bound", "\(what) differs between lanes")
      }
    }
    return first
  }
}
