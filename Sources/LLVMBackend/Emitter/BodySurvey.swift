import Loops
import Tensors

/// What the body of a vector loop does that bears on how its last iterations run.
struct BodySurvey {
  private(set) var reducesLanes = false
  /// Bits of the narrowest element loaded or stored.
  private(set) var narrowestAccess = 64

  mutating func visit(_ statements: [Statement]) {
    for statement in statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement {
    case .loop(let loop): visit(loop.body)
    case .registers(_, let value), .set(_, _, let value), .let(_, let value), .bind(_, let value):
      visit(value)
    case .store(let buffer, _, let value):
      note(buffer)
      visit(value)
    case .storeIf(let condition, let buffer, _, let value):
      note(buffer)
      visit(condition)
      visit(value)
    case .if(let condition, let then, let otherwise):
      visit(condition)
      visit(then)
      visit(otherwise)
    case .while(let condition, let body):
      visit(condition)
      visit(body)
    case .prefetch, .comment: break
    }
  }

  private mutating func note(_ buffer: Buffer) {
    narrowestAccess = min(narrowestAccess, max(8, buffer.element.bitWidth))
  }

  private mutating func visit(_ expression: Expr) {
    switch expression {
    case .float, .integer, .index, .register, .local: break
    case .load(let buffer, _): note(buffer)
    case .loadIf(let condition, let buffer, _, let otherwise):
      note(buffer)
      visit(condition)
      visit(otherwise)
    case .unary(_, let a), .convert(let a, _, _), .bitcast(let a, _): visit(a)
    case .binary(_, let a, let b), .compare(_, let a, let b):
      visit(a)
      visit(b)
    case .fma(let a, let b, let c), .select(let a, let b, let c), .dot4(let a, _, let b, _, let c):
      visit(a)
      visit(b)
      visit(c)
    case .reduceLanes(_, let a):
      reducesLanes = true
      visit(a)
    }
  }
}
