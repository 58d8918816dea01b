import CLLVM
import Loops
import Tensors

/// A value of the loop IR in LLVM form: a scalar that all lanes share, or a vector with one element per lane.
struct Value {
  let ref: LLVMValueRef
  let isVarying: Bool

  static func uniform(_ ref: LLVMValueRef) -> Value { Value(ref: ref, isVarying: false) }
  static func varying(_ ref: LLVMValueRef) -> Value { Value(ref: ref, isVarying: true) }
}

/// The vector loop that statements run in.
struct Lanes {
  let symbol: Symbol
  let count: Int
  /// How far apart the loop variable is in neighbouring lanes.
  let step: Int
  /// The loop variable in lane 0: a constant, or a symbol bound to a scalar.
  let base: IndexExpr
  /// Lanes that are on, as `<count x i1>`; nil when all are.
  let mask: LLVMValueRef?
}

/// Memory behind a register array, one alloca per element; it is gone once promoted to SSA values.
struct RegisterFile {
  let registers: Registers
  let slots: [LLVMValueRef]
  let isVarying: Bool
}

/// What names mean at one place of a kernel.
///
/// Copied on entering a body and restored on leaving it.
struct Scope {
  /// Loop variables, kernel values and bound symbols.
  var symbols: [Symbol: Value] = [:]
  /// Symbols that stand for an expression of others: a constant where their loop is expanded, or what they are bound to.
  var known: [Symbol: IndexExpr] = [:]
  /// How many loops enclose the definition of a symbol: addresses are summed outermost first.
  var depths: [Symbol: Int] = [:]
  /// What the value of a symbol is known to be a multiple of.
  var multiples: [Symbol: Int] = [:]
  /// Symbols that differ from lane to lane, other than the loop variable itself.
  var varying: [Symbol] = []
  var locals: [Local: Value] = [:]
  var registers: [String: RegisterFile] = [:]
  var lanes: Lanes?
  var depth = 0

  /// How many values a varying expression stands for.
  var laneCount: Int { lanes?.count ?? 1 }

  mutating func define(_ symbol: Symbol, _ value: Value, multipleOf multiple: Int = 1) {
    symbols[symbol] = value
    known[symbol] = nil
    depths[symbol] = depth
    multiples[symbol] = multiple
    varying.removeAll { $0 == symbol }
    if value.isVarying { varying.append(symbol) }
  }

  /// Whether the expression may differ from lane to lane.
  func isVarying(_ expression: IndexExpr) -> Bool {
    if let lanes, expression.mentions(lanes.symbol) { return true }
    return varying.contains { expression.mentions($0) }
  }
}
