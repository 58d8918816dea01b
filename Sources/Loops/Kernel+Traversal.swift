import Tensors

extension Statement {
  /// Statements directly inside this one.
  package var children: [Statement] {
    switch self {
    case .loop(let loop): loop.body
    case .if(_, let then, let otherwise): then + otherwise
    case .while(_, let body): body
    default: []
    }
  }

  /// Expressions that this statement itself evaluates.
  package var expressions: [Expr] {
    switch self {
    case .registers(_, let value), .set(_, _, let value), .let(_, let value), .bind(_, let value),
      .store(_, _, let value):
      [value]
    case .storeIf(let condition, _, _, let value): [condition, value]
    case .if(let condition, _, _), .while(let condition, _): [condition]
    case .loop, .prefetch, .tile, .comment: []
    }
  }
}

extension Expr {
  /// Expressions directly inside this one.
  package var children: [Expr] {
    switch self {
    case .float, .integer, .index, .load, .register, .local: []
    case .loadIf(let a, _, _, let b), .binary(_, let a, let b), .compare(_, let a, let b): [a, b]
    case .unary(_, let a), .convert(let a, _, _), .bitcast(let a, _), .quantize(let a, _, _),
      .reduceLanes(_, let a), .lookup(_, let a):
      [a]
    case .fma(let a, let b, let c), .select(let a, let b, let c), .dot4(let a, _, let b, _, let c),
      .dotPairs(let a, let b, let c), .dotShorts(let a, let b, let c):
      [a, b, c]
    case .bytes(let a, let b, let c, let d): [a, b, c, d]
    }
  }
}

extension Kernel {
  /// The distinct buffers that the body loads, stores or prefetches, in the order of their first use.
  package var buffersInBody: [Buffer] {
    var found: [Buffer] = []
    var seen: Set<Buffer> = []
    func note(_ buffer: Buffer) {
      if seen.insert(buffer).inserted { found.append(buffer) }
    }
    func visit(_ expression: Expr) {
      switch expression {
      case .load(let buffer, _), .loadIf(_, let buffer, _, _): note(buffer)
      default: break
      }
      for child in expression.children { visit(child) }
    }
    func visit(_ statement: Statement) {
      for expression in statement.expressions { visit(expression) }
      switch statement {
      case .store(let buffer, _, _), .storeIf(_, let buffer, _, _), .prefetch(let buffer, _):
        note(buffer)
      case .tile(let tile): if let access = tile.access { note(access.buffer) }
      default: break
      }
      for child in statement.children { visit(child) }
    }
    for statement in body { visit(statement) }
    return found
  }
}
