import Diagnostics
import Tensors

extension KernelVerifier {
  mutating func visit(_ statements: [Statement]) {
    let saved = scope
    for statement in statements { visit(statement) }
    scope = saved
  }

  private mutating func visit(_ statement: Statement) {
    for expression in statement.expressions { check(expression) }
    switch statement {
    case .loop(let loop):
      if loop.kind == .parallel {
        report(
          "loops.nesting", "the parallel loop over '\(loop.variable.name)' is not outermost")
      }
      let saved = scope
      enter(loop)
      visit(loop.body)
      scope = saved
    case .registers(let registers, let initial): declare(registers, initial)
    case .set(let registers, let position, let value): set(registers, position, value)
    case .let(let local, let value):
      expect(value.type, local.element, "'\(local.name)'")
      if scope.locals[local] != nil { report("loops.scope", "'\(local.name)' is defined twice") }
      scope.locals[local] = isVarying(value)
    case .bind(let symbol, let value):
      if !value.type.isInteger && value.type != .bool {
        report("loops.type", "'\(symbol.name)' is bound to a value of type \(value.type)")
      }
      define(symbol, range: symbol.knownRange, isVarying: isVarying(value))
    case .store(let buffer, let position, let value):
      store(buffer, position, value, condition: nil)
    case .storeIf(let condition, let buffer, let position, let value):
      store(buffer, position, value, condition: condition)
    case .if(let condition, let then, let otherwise):
      branch(condition)
      guarded(then)
      guarded(otherwise)
    case .while(let condition, let body):
      branch(condition)
      guarded(body)
    case .prefetch(let buffer, let position): access(buffer, position, isGuarded: true)
    case .tile(let tile): check(tile)
    case .comment: break
    }
  }

  private mutating func guarded(_ statements: [Statement]) {
    let saved = scope
    scope.isGuarded = true
    visit(statements)
    scope = saved
  }

  private mutating func branch(_ condition: Expr) {
    expect(condition.type, .bool, "a condition")
    if isVarying(condition) {
      report("loops.varying", "the condition \(condition) differs between lanes")
    }
  }

  // MARK: Registers

  private mutating func declare(_ registers: Registers, _ initial: Expr) {
    expect(initial.type, registers.element, "'\(registers.name)'")
    if scope.registers[registers.name] != nil {
      report("loops.scope", "'\(registers.name)' is defined twice")
    }
    let isInVector = scope.laneCount > 1
    if !isInVector, isVarying(initial) {
      report("loops.varying", "'\(registers.name)' holds one value for all lanes")
    }
    scope.registers[registers.name] = (registers, isInVector)
    checkPressure()
  }

  private mutating func set(_ registers: Registers, _ position: [IndexExpr], _ value: Expr) {
    expect(value.type, registers.element, "'\(registers.name)'")
    index(registers, position)
    if let known = scope.registers[registers.name], !known.isVarying, isVarying(value) {
      report("loops.varying", "'\(registers.name)' holds one value for all lanes")
    }
  }

  mutating func index(_ registers: Registers, _ position: [IndexExpr]) {
    guard let known = scope.registers[registers.name] else {
      return report("loops.scope", "the registers '\(registers.name)' are not defined here")
    }
    guard known.registers == registers, position.count == registers.shape.count else {
      return report(
        "loops.register-index",
        "'\(registers.name)'\(registers.shape) at \(position.positionText), declared as"
          + " \(known.registers.element)\(known.registers.shape)")
    }
    for (axis, at) in position.enumerated() {
      if let symbol = at.symbols.subtracting(scope.unrolled).first {
        report(
          "loops.register-index", "'\(registers.name)' is indexed by '\(symbol.name)'")
      } else if let range = bounds(at),
        range.lowerBound < 0 || range.upperBound >= registers.shape[axis]
      {
        report(
          "loops.register-index",
          "'\(registers.name)'\(registers.shape) at \(range) of axis \(axis)")
      }
    }
  }

  /// Vector registers that the visible arrays take, against what the target has.
  private mutating func checkPressure() {
    guard let target, scope.laneCount > 1 else { return }
    var needed = 0
    for (registers, isVarying) in scope.registers.values where isVarying {
      let bits = scope.laneCount * max(8, registers.element.bitWidth)
      let each = max(1, (bits + target.vectorBits - 1) / target.vectorBits)
      needed += registers.shape.elementCount * each
    }
    if needed > target.vectorRegisterCount {
      report(
        "loops.register-pressure",
        "\(needed) vector registers are live, \(target) has \(target.vectorRegisterCount)",
        severity: .warning)
    }
  }

  // MARK: Memory

  private mutating func store(
    _ buffer: Buffer, _ position: [IndexExpr], _ value: Expr, condition: Expr?
  ) {
    expect(value.type, buffer.element, "an element of '\(buffer.name)'")
    if let condition { expect(condition.type, .bool, "a condition") }
    access(buffer, position, isGuarded: condition != nil)
    requireWritable(buffer)
    let differs = isVarying(value) || (condition.map { isVarying($0) } ?? false)
    if differs, !isVarying(buffer.linear(position)) {
      report("loops.varying", "lanes write different values to one element of '\(buffer.name)'")
    }
  }

  mutating func requireWritable(_ buffer: Buffer) {
    if case .parameter(let number) = buffer.base, kernel.parameters.indices.contains(number),
      !kernel.parameters[number].isWritten
    {
      report("loops.parameter", "'\(buffer.name)' is written but declared read-only")
    }
  }

  mutating func access(_ buffer: Buffer, _ position: [IndexExpr], isGuarded: Bool) {
    check(buffer)
    guard position.count == buffer.shape.count else {
      return report(
        "loops.bounds",
        "'\(buffer.name)' has rank \(buffer.shape.count), position \(position.positionText)")
    }
    let linear = buffer.linear(position)
    check(linear, "'\(buffer.name)'\(position.positionText)")
    if !isGuarded {
      checkBounds(buffer, linear, "'\(buffer.name)'\(position.positionText)")
    }
  }

  /// Reports elements that provably lie outside of a buffer's memory, unless a condition guards them.
  ///
  /// - Parameters:
  ///   - linear: the distance of the first from the base pointer.
  ///   - count: how many there are behind each other.
  mutating func checkBounds(
    _ buffer: Buffer, _ linear: IndexExpr, count: Int = 1, _ what: String
  ) {
    guard !scope.isGuarded, linear.isPolynomial, let first = bounds(linear),
      let limit = elementLimit(buffer)
    else { return }
    let range = first.lowerBound...first.upperBound + count - 1
    if range.lowerBound < 0 || range.upperBound >= limit {
      report("loops.bounds", "\(what) is element \(range) of \(limit)")
    }
  }

  /// How many elements the memory behind a buffer holds from its base pointer.
  private func elementLimit(_ buffer: Buffer) -> Int? {
    let width = max(1, buffer.element.bitWidth / 8)
    switch buffer.base {
    case .scratch(let byteOffset): return max(0, kernel.scratchByteCount - byteOffset) / width
    case .parameter(let number):
      guard kernel.parameters.indices.contains(number) else { return nil }
      let whole = kernel.parameters[number].buffer
      var last = whole.offset + 1
      for (count, stride) in zip(whole.shape, whole.strides) { last += (count - 1) * stride }
      return last.value.map { $0 * max(1, whole.element.bitWidth / 8) / width }
    }
  }
}

extension IndexExpr {
  /// Whether bounds from intervals are exact: no quotients, minima or products of symbols.
  var isPolynomial: Bool {
    terms.allSatisfy { term in
      guard term.factors.count == 1, case .symbol = term.factors[0] else { return false }
      return true
    }
  }
}
