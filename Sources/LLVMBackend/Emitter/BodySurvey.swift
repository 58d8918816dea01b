import Loops
import Tensors

/// What the body of a vector loop does that bears on how its last iterations run.
struct BodySurvey {
  private(set) var reducesLanes = false
  /// Bits of the narrowest element loaded or stored.
  private(set) var narrowestAccess = 64

  mutating func visit(_ statements: [Statement]) {
    for statement in statements {
      switch statement {
      case .store(let buffer, _, _), .storeIf(_, let buffer, _, _): note(buffer)
      default: break
      }
      for expression in statement.expressions { visit(expression) }
      visit(statement.children)
    }
  }

  private mutating func visit(_ expression: Expr) {
    switch expression {
    case .load(let buffer, _), .loadIf(_, let buffer, _, _): note(buffer)
    case .reduceLanes: reducesLanes = true
    default: break
    }
    for child in expression.children { visit(child) }
  }

  private mutating func note(_ buffer: Buffer) {
    narrowestAccess = min(narrowestAccess, max(8, buffer.element.bitWidth))
  }
}
