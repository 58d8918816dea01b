import CLLVM
import Diagnostics
import Loops
import Tensors

/// Expressions: one case per kind.
extension KernelEmitter {
  func value(_ expression: Expr) throws(Diagnostic) -> Value {
    switch expression {
    case .float, .integer:
      return .uniform(try operations.constant(expression))
    case .index(let index):
      return try self.index(index)
    case .load(let buffer, let position):
      return try load(buffer, position, if: nil, otherwise: nil)
    case .loadIf(let condition, let buffer, let position, let otherwise):
      return try load(buffer, position, if: value(condition), otherwise: value(otherwise))
    case .register(let registers, let position):
      return try readRegister(registers, position)
    case .local(let local):
      guard let value = scope.locals[local] else {
        throw broken("value '\(local.name)' is not defined here")
      }
      return value
    case .unary(let op, let a):
      let operand = try value(a)
      return try operations.unary(op, a.type, operand)
    case .binary(let op, let x, let y):
      let (p, q) = (try value(x), try value(y))
      return try operations.binary(op, x.type, p, q)
    case .fma(let x, let y, let z):
      let operands = [try value(x), try value(y), try value(z)]
      return try operations.fma(x.type, operands)
    case .compare(let comparison, let x, let y):
      if let result = try compareIndices(comparison, x, y) { return result }
      let operands = [try value(x), try value(y)]
      return operations.compare(comparison, x.type, operands)
    case .select(let condition, let x, let y):
      return try select(value(condition), value(x), value(y))
    case .convert(.unary(.round, let a), .i32, .plain) where a.type == .f32:
      // One instruction where the target has it.
      let conversions = Conversions(b: b, target: target)
      return lift([try value(a)]) { conversions.roundUnchecked($0[0]) }
    case .convert(let a, let element, let conversion):
      let operand = try value(a)
      return try operations.convert(operand, from: a.type, to: element, conversion)
    case .quantize(let a, let zeroPoint, let element):
      let quantizer = Quantizer(b: b, target: target, zeroPoint: zeroPoint, element: element)
      return lift([try value(a)]) { quantizer.one($0[0]) }
    case .bitcast(let a, let element):
      return try bitcast(value(a), from: a.type, to: element)
    case .dot4(let x, let xSigned, let y, let ySigned, let z):
      let operands = [try value(x), try value(y), try value(z)]
      let dot = ByteDot(b: b, target: target, xSigned: xSigned, ySigned: ySigned)
      return lift(operands) { dot.emit($0[0], $0[1], $0[2]) }
    case .dotPairs(let x, let y, let z):
      let operands = [try value(x), try value(y), try value(z)]
      let dot = PairDot(b: b, target: target)
      return lift(operands) { dot.emit($0[0], $0[1], $0[2]) }
    case .bytes(let first, let second, let third, let fourth):
      return try bytes([first, second, third, fourth])
    case .dotShorts(let x, let y, let z):
      let operands = [try value(x), try value(y), try value(z)]
      let dot = ShortDot(b: b, target: target)
      return lift(operands) { dot.emit($0[0], $0[1], $0[2]) }
    case .lookup(let table, let a):
      let lookup = TableLookup(b: b, target: target, table: table)
      return lift([try value(a)]) { lookup.emit($0[0]) }
    case .reduceLanes(let reduction, let a):
      let operand = try value(a)
      return try operations.reduce(reduction, a.type, operand, scope.lanes)
    }
  }

  private var operations: Operations {
    Operations(b: b, target: target, laneCount: scope.laneCount)
  }

  private func select(_ condition: Value, _ x: Value, _ y: Value) throws(Diagnostic) -> Value {
    if condition.isVarying || (!x.isVarying && !y.isVarying) {
      return lift([condition, x, y]) { b.select($0[0], $0[1], $0[2]) }
    }
    return lift([x, y]) { b.select(condition.ref, $0[0], $0[1]) }
  }

  private func bitcast(
    _ value: Value, from source: ElementType, to element: ElementType
  ) throws(Diagnostic) -> Value {
    guard source.bitWidth == element.bitWidth else {
      throw broken("bitcast of \(source) to \(element), which has another width")
    }
    let destination = try memoryType(element)
    return lift([value]) { operands in
      let stored = toMemory(operands[0], source)
      return fromMemory(b.bitcast(stored, b.like(stored, destination)), element)
    }
  }

  // MARK: Registers

  func declare(_ registers: Registers, initial: Value) throws(Diagnostic) {
    let count = registers.shape.elementCount
    let isVarying = scope.lanes != nil
    let element = try type(registers.element)
    let held = b.vector(element, isVarying ? scope.laneCount : 1)
    let here = b.currentBlock
    b.position(at: entry)
    let slots = (0..<count).map { _ -> LLVMValueRef in
      LLVMBuildAlloca(b.ref, held, registers.name)
    }
    b.position(at: here)
    guard isVarying || !initial.isVarying else {
      throw broken("registers '\(registers.name)' hold one value for all lanes")
    }
    let start = isVarying ? widen(initial) : initial.ref
    for slot in slots { LLVMBuildStore(b.ref, start, slot) }
    scope.registers[registers.name] = RegisterFile(
      registers: registers, slots: slots, isVarying: isVarying)
  }

  func setRegister(
    _ registers: Registers, _ position: [IndexExpr], _ value: Value
  ) throws(Diagnostic) {
    let (file, slot) = try slot(registers, position)
    guard file.isVarying || !value.isVarying else {
      throw broken("registers '\(registers.name)' hold one value for all lanes")
    }
    LLVMBuildStore(b.ref, file.isVarying ? widen(value) : value.ref, slot)
  }

  private func readRegister(
    _ registers: Registers, _ position: [IndexExpr]
  ) throws(Diagnostic) -> Value {
    let (file, slot) = try slot(registers, position)
    let held = b.vector(try type(registers.element), file.isVarying ? scope.laneCount : 1)
    return Value(ref: LLVMBuildLoad2(b.ref, held, slot, ""), isVarying: file.isVarying)
  }

  private func slot(
    _ registers: Registers, _ position: [IndexExpr]
  ) throws(Diagnostic) -> (RegisterFile, LLVMValueRef) {
    guard let file = scope.registers[registers.name] else {
      throw broken("registers '\(registers.name)' are not declared here")
    }
    var offset = 0
    for (axis, stride) in registers.shape.rowMajorStrides.enumerated() {
      guard axis < position.count, let at = resolve(position[axis]).value,
        (0..<registers.shape[axis]).contains(at)
      else {
        throw broken(
          "registers '\(registers.name)'\(registers.shape) at \(position), expected constants in range"
        )
      }
      offset += at * stride
    }
    return (file, file.slots[offset])
  }
}
