import Loops
import Tensors

/// Finds the symbols that a kernel's body uses and does not define: its value parameters.
struct FreeSymbols {
  private(set) var found: Set<Symbol> = []
  private var bound: Set<Symbol> = []

  mutating func use(_ index: IndexExpr) {
    for symbol in index.symbols where !bound.contains(symbol) { found.insert(symbol) }
  }

  mutating func visit(_ statements: [Statement]) {
    for statement in statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement {
    case .loop(let loop):
      use(loop.lower)
      use(loop.upper)
      bound.insert(loop.variable)
      visit(loop.body)
    case .registers(_, let initial): visit(initial)
    case .set(_, let position, let value):
      position.forEach { use($0) }
      visit(value)
    case .let(_, let value): visit(value)
    case .bind(let symbol, let value):
      visit(value)
      bound.insert(symbol)
    case .store(let buffer, let position, let value):
      visit(buffer, position)
      visit(value)
    case .storeIf(let condition, let buffer, let position, let value):
      visit(condition)
      visit(buffer, position)
      visit(value)
    case .if(let condition, let then, let otherwise):
      visit(condition)
      visit(then)
      visit(otherwise)
    case .while(let condition, let body):
      visit(condition)
      visit(body)
    case .prefetch(let buffer, let position): visit(buffer, position)
    case .tile(let tile):
      if let access = tile.access {
        visit(access.buffer, access.position)
        use(access.rowStride)
      }
    case .comment: break
    }
  }

  private mutating func visit(_ buffer: Buffer, _ position: [IndexExpr]) {
    position.forEach { use($0) }
    buffer.strides.forEach { use($0) }
    use(buffer.offset)
  }

  private mutating func visit(_ value: Expr) {
    switch value {
    case .float, .integer, .local: break
    case .index(let index): use(index)
    case .load(let buffer, let position): visit(buffer, position)
    case .loadIf(let condition, let buffer, let position, let otherwise):
      visit(condition)
      visit(buffer, position)
      visit(otherwise)
    case .register(_, let position): position.forEach { use($0) }
    case .unary, .convert, .bitcast, .quantize, .reduceLanes, .binary, .compare, .fma, .select,
      .bytes, .dot4, .dotPairs, .dotShorts, .lookup:
      for child in value.children { visit(child) }
    }
  }
}
