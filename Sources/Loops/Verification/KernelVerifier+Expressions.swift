package import Tensors

extension KernelVerifier {
  mutating func check(_ expression: Expr) {
    for child in expression.children { check(child) }
    switch expression {
    case .float(_, let type):
      if !type.isFloat || !type.isComputable { mistyped(expression, "a float of type \(type)") }
    case .integer(_, let type):
      if !(type == .bool || (type.isInteger && type.isComputable)) {
        mistyped(expression, "an integer of type \(type)")
      }
    case .index(let index): check(index, "index(\(index))")
    case .load(let buffer, let position): access(buffer, position, isGuarded: false)
    case .loadIf(let condition, let buffer, let position, let otherwise):
      expect(condition.type, .bool, "a condition")
      expect(otherwise.type, buffer.element, "an element of '\(buffer.name)'")
      access(buffer, position, isGuarded: true)
    case .register(let registers, let position): index(registers, position)
    case .local(let local):
      if scope.locals[local] == nil {
        report("loops.scope", "'\(local.name)' is not defined here")
      }
    case .unary(let op, let a):
      if !op.isDefined(for: a.type) { mistyped(expression, "'\(op.rawValue)' of \(a.type)") }
    case .binary(let op, let a, let b):
      if !op.isDefined(for: a.type) { mistyped(expression, "'\(op.rawValue)' of \(a.type)") }
      expect(b.type, a.type, "\(expression)")
    case .fma(let a, let b, let c):
      expect(b.type, a.type, "\(expression)")
      expect(c.type, a.type, "\(expression)")
    case .compare(_, let a, let b): expect(b.type, a.type, "\(expression)")
    case .select(let condition, let a, let b):
      expect(condition.type, .bool, "a condition")
      expect(b.type, a.type, "\(expression)")
    case .convert(let a, let type, _):
      if !a.type.isComputable || !type.isComputable {
        mistyped(expression, "a conversion of \(a.type) to \(type)")
      }
    case .quantize(let a, let zeroPoint, let type):
      expect(a.type, .f32, "what is quantized")
      if !type.isInteger || type.bitWidth > 16 || type.bitWidth < 8
        || !(type.smallest...type.largest).contains(Int64(zeroPoint))
      {
        mistyped(expression, "quantization to \(type) around \(zeroPoint)")
      }
    case .bitcast(let a, let type):
      if a.type.bitWidth != type.bitWidth || !type.isComputable {
        mistyped(expression, "the bits of \(a.type) as \(type)")
      }
    case .dot4(let a, _, let b, _, let c):
      for (operand, type) in [(a, ElementType.i32), (b, .i32)] where operand.type != .u32 {
        expect(operand.type, type, "four bytes")
      }
      expect(c.type, .i32, "the sum of a dot product")
    case .dotPairs(let a, let b, let c):
      expect(a.type, .i32, "two bf16")
      expect(b.type, .i32, "two bf16")
      expect(c.type, .f32, "the sum of a dot product")
    case .bytes(let a, let b, let c, let d):
      for byte in [a, b, c, d] { expect(byte.type, .u8, "a byte of a word") }
    case .dotShorts(let a, let b, let c):
      expect(a.type, .i32, "two i16")
      expect(b.type, .i32, "two i16")
      expect(c.type, .i32, "the sum of a dot product")
    case .lookup(_, let a): expect(a.type, .u8, "the place in a table")
    case .reduceLanes(let reduction, let a):
      if !reduction.operation.isDefined(for: a.type) {
        mistyped(expression, "'\(reduction.rawValue)' of \(a.type)")
      }
    }
  }

  private mutating func mistyped(_ expression: Expr, _ what: String) {
    report("loops.type", "\(what) in \(expression)")
  }

  mutating func expect(_ type: ElementType, _ expected: ElementType, _ what: String) {
    if type != expected {
      report("loops.type", "\(what) has type \(type), expected \(expected)")
    }
  }

  /// Whether lanes may have different values.
  func isVarying(_ expression: Expr) -> Bool {
    if scope.laneCount == 1 { return false }
    switch expression {
    case .index(let index): return isVarying(index)
    case .load(let buffer, let position), .loadIf(_, let buffer, let position, _):
      if isVarying(buffer.linear(position)) { return true }
    case .register(let registers, _):
      return scope.registers[registers.name]?.isVarying ?? false
    case .local(let local): return scope.locals[local] ?? false
    case .reduceLanes: return false
    default: break
    }
    return expression.children.contains { isVarying($0) }
  }
}

extension UnaryOp {
  /// Whether values of a type have this operation.
  package func isDefined(for type: ElementType) -> Bool {
    guard type.isComputable else { return false }
    switch self {
    case .not: return !type.isFloat
    case .popcount: return type.isInteger
    case .neg, .abs, .floor, .ceil, .round, .trunc: return type != .bool
    default: return type.isFloat
    }
  }
}

extension BinaryOp {
  /// Whether values of a type have this operation.
  package func isDefined(for type: ElementType) -> Bool {
    guard type.isComputable else { return false }
    switch self {
    case .add, .min, .max: return true
    case .sub, .mul, .div, .rem, .pow: return type != .bool
    case .and, .or, .xor: return !type.isFloat
    case .shiftLeft, .shiftRight: return type.isInteger
    }
  }
}
