import Diagnostics
import Tensors

extension LoopInterpreter {
  var laneCount: Int { scope.lanes?.count ?? 1 }

  func isOn(_ lane: Int) -> Bool { scope.lanes?.isOn[lane] ?? true }

  /// The value of one lane, from values of all lanes or one for all.
  func pick<T>(_ values: [T], _ lane: Int) -> T { values.count == 1 ? values[0] : values[lane] }

  /// One value for each lane.
  func spread(_ value: [Number]) -> [Number] {
    value.count == laneCount ? value : Array(repeating: value[0], count: laneCount)
  }

  /// New values in the lanes that are on, old ones in the others.
  func merged(_ new: [Number], _ old: [Number]) -> [Number] {
    if old.count == 1 { return new }
    return old.indices.map { isOn($0) ? pick(new, $0) : old[$0] }
  }

  func index(_ expression: IndexExpr, lane: Int) throws(Diagnostic) -> Int {
    let value = expression.evaluate { symbol in
      scope.symbols[symbol].map { pick($0, lane) }
    }
    guard let value else {
      throw broken("loops.undefined-symbol", "'\(expression)' has no value here")
    }
    return value
  }

  /// The values of an expression: one per lane inside a vector loop.
  func evaluate(_ expression: Expr) throws(Diagnostic) -> [Number] {
    switch expression {
    case .float(let value, let type): return [.float(type.rounded(value))]
    case .integer(let value, let type): return [.integer(type.wrapped(value))]
    case .index(let index):
      return try lanes { lane throws(Diagnostic) in
        .integer(Int64(try self.index(index, lane: lane)))
      }
    case .load(let buffer, let position):
      return try lanes { lane throws(Diagnostic) in
        guard isOn(lane) else { return .zero(buffer.element) }
        return try read(buffer, position, lane: lane)
      }
    case .loadIf(let condition, let buffer, let position, let otherwise):
      let mask = try evaluate(condition)
      let fallback = try evaluate(otherwise)
      return try lanes { lane throws(Diagnostic) in
        guard isOn(lane), pick(mask, lane).isTrue else { return pick(fallback, lane) }
        return try read(buffer, position, lane: lane)
      }
    case .register(let registers, let position):
      let slot = try self.slot(registers, position)
      return files[registers.name]?[slot] ?? []
    case .local(let local):
      guard let value = scope.locals[local] else {
        throw broken("loops.undefined-value", "'\(local.name)' is not defined here")
      }
      return value
    case .unary(let op, let a):
      return try map([a]) { NumberArithmetic.unary(op, a.type, $0[0]) }
    case .binary(let op, let a, let b):
      return try map([a, b]) { NumberArithmetic.binary(op, a.type, $0[0], $0[1]) }
    case .fma(let a, let b, let c):
      return try map([a, b, c]) { NumberArithmetic.fma(a.type, $0[0], $0[1], $0[2]) }
    case .compare(let comparison, let a, let b):
      return try map([a, b]) {
        .truth(NumberArithmetic.compare(comparison, a.type, $0[0], $0[1]))
      }
    case .select(let condition, let a, let b):
      return try map([condition, a, b]) { $0[0].isTrue ? $0[1] : $0[2] }
    case .convert(let a, let type, let conversion):
      return try map([a]) {
        NumberConversion.convert($0[0], from: a.type, to: type, conversion)
      }
    case .quantize(let a, let zeroPoint, let type):
      return try map([a]) { NumberArithmetic.quantize($0[0].float, zeroPoint, type) }
    case .bitcast(let a, let type):
      return try map([a]) { type.decode(a.type.encode($0[0])) }
    case .dot4(let a, let aSigned, let b, let bSigned, let c):
      return try map([a, b, c]) {
        NumberArithmetic.dot4($0[0].integer, aSigned, $0[1].integer, bSigned, $0[2].integer)
      }
    case .dotPairs(let a, let b, let c):
      return try map([a, b, c]) {
        NumberArithmetic.dotPairs($0[0].integer, $0[1].integer, $0[2])
      }
    case .bytes(let a, let b, let c, let d):
      return try map([a, b, c, d]) { bytes in
        let word = bytes.reversed().reduce(Int64(0)) { $0 << 8 | $1.integer }
        return .integer(ElementType.i32.wrapped(word))
      }
    case .dotShorts(let a, let b, let c):
      return try map([a, b, c]) {
        NumberArithmetic.dotShorts($0[0].integer, $0[1].integer, $0[2].integer)
      }
    case .lookup(let table, let a):
      return try map([a]) { .integer(Int64(table.bytes[Int($0[0].integer)])) }
    case .reduceLanes(let reduction, let a): return [try reduce(reduction, a)]
    }
  }

  private func lanes(
    _ body: (Int) throws(Diagnostic) -> Number
  ) throws(Diagnostic) -> [Number] {
    var values: [Number] = []
    for lane in 0..<laneCount { values.append(try body(lane)) }
    return values
  }

  private func map(
    _ operands: [Expr], _ operation: ([Number]) -> Number
  ) throws(Diagnostic) -> [Number] {
    var values: [[Number]] = []
    for operand in operands { values.append(try evaluate(operand)) }
    let count = values.contains { $0.count > 1 } ? laneCount : 1
    return (0..<count).map { lane in operation(values.map { pick($0, lane) }) }
  }

  /// Lanes combined by halving, those that are off as the neutral element.
  private func reduce(_ reduction: Reduction, _ a: Expr) throws(Diagnostic) -> Number {
    let neutral = try evaluate(reduction.neutral(a.type))[0]
    var values = spread(try evaluate(a))
    for lane in values.indices where !isOn(lane) { values[lane] = neutral }
    while values.count > 1 {
      let half = values.count / 2
      values = (0..<half).map {
        NumberArithmetic.binary(reduction.operation, a.type, values[$0], values[$0 + half])
      }
    }
    return values[0]
  }

  /// The number of an element of a register array.
  func slot(_ registers: Registers, _ position: [IndexExpr]) throws(Diagnostic) -> Int {
    guard files[registers.name] != nil else {
      throw broken("loops.undefined-registers", "'\(registers.name)' are not declared here")
    }
    var offset = 0
    for (axis, stride) in registers.shape.rowMajorStrides.enumerated() {
      let at = axis < position.count ? try index(position[axis], lane: 0) : -1
      guard (0..<registers.shape[axis]).contains(at) else {
        throw broken(
          "loops.out-of-bounds", "'\(registers.name)'\(registers.shape) at \(at) of axis \(axis)")
      }
      offset += at * stride
    }
    return offset
  }
}
