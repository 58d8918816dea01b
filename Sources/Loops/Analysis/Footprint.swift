import Tensors

/// How many bytes the accesses of a kernel reach through each parameter.
///
/// An access reaches as many elements as the loops have iterations whose variables its position mentions. Accesses
/// of one parameter are added, so overlapping ones count more than once, up to the whole parameter, where callers stop.
struct Footprint {
  private(set) var read: [Double]
  private(set) var written: [Double]
  private let counter: WorkCounter
  /// Variables of the loops around the place that is visited.
  private var enclosing: [Symbol] = []
  /// For each symbol that data give a value, the loops that may change it.
  private var bound: [Symbol: [Symbol]] = [:]

  init(_ counter: WorkCounter, parameterCount: Int) {
    self.counter = counter
    read = Array(repeating: 0, count: parameterCount)
    written = read
  }

  mutating func visit(_ statements: [Statement]) {
    for statement in statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    for expression in statement.expressions { visit(expression) }
    switch statement {
    case .loop(let loop):
      // A loop that never ran, and what only it reaches.
      if counter.tripCount(loop.variable) == 0 { return }
      enclosing.append(loop.variable)
      visit(loop.body)
      enclosing.removeLast()
      return
    case .bind(let symbol, _): bound[symbol] = enclosing
    case .store(let buffer, let position, _), .storeIf(_, let buffer, let position, _):
      if case .parameter(let number) = buffer.base { written[number] += reach(buffer, position) }
    case .tile(let tile): if let access = tile.access { visit(access) }
    default: break
    }
    visit(statement.children)
  }

  private mutating func visit(_ expression: Expr) {
    switch expression {
    case .load(let buffer, let position), .loadIf(_, let buffer, let position, _):
      if case .parameter(let number) = buffer.base { read[number] += reach(buffer, position) }
    default: break
    }
    for child in expression.children { visit(child) }
  }

  private mutating func visit(_ access: TileStatement.Access) {
    guard case .parameter(let number) = access.buffer.base else { return }
    let elements = TileStatement.rowCount * access.rowElementCount
    let bytes = reach(access.buffer, access.position + [access.rowStride]) * Double(elements)
    if access.isStore { written[number] += bytes } else { read[number] += bytes }
  }

  /// Bytes that an access to one element reaches over all iterations.
  private func reach(_ buffer: Buffer, _ position: [IndexExpr]) -> Double {
    var variables: Set<Symbol> = []
    for symbol in position.reduce(into: Set<Symbol>(), { $0.formUnion($1.symbols) }) {
      variables.formUnion(bound[symbol] ?? [symbol])
    }
    let elements = enclosing.filter(variables.contains).reduce(1) {
      $0 * counter.tripCount($1)
    }
    return elements * Double(max(1, buffer.element.bitWidth)) / 8
  }
}
