import Loops
import Tensors

/// Straight-line code in the making: every value gets a name, so that using it twice computes it once.
struct StraightLine {
  private(set) var statements: [Statement] = []
  private let builder: KernelBuilder

  init(_ builder: KernelBuilder) { self.builder = builder }

  /// The value under a name of its own.
  mutating func named(_ value: Expr) -> Expr {
    let local = builder.local("v", value.type)
    statements.append(.let(local, value))
    return .local(local)
  }

  mutating func append(_ statement: Statement) { statements.append(statement) }

  /// A transform of a square along both axes: of its columns first, then of the rows of that.
  ///
  /// - Returns: the results row by row.
  mutating func square(
    _ values: [[Expr]], _ transform: ([Expr], inout StraightLine) -> [Expr]
  ) -> [[Expr]] {
    var columns: [[Expr]] = []
    for column in values[0].indices { columns.append(transform(values.map { $0[column] }, &self)) }
    var rows: [[Expr]] = []
    for row in columns[0].indices { rows.append(transform(columns.map { $0[row] }, &self)) }
    return rows
  }
}
