import Diagnostics
import Loops
import Tensors

/// A batch of matrix products in register tiles: lanes hold columns of the result, tiles hold rows.
struct MatrixMultiply {
  /// Where the right operand comes from.
  enum Right {
    /// A constant matrix of type f32, or its transpose, packed in panels at compile time with every element multiplied
    /// by a factor; of whole numbers of 8 bits where bytes are multiplied.
    case packed(Tensor, isTransposed: Bool = false, factor: Float = 1)
    /// Computed at run time, read where it lies, at a batch position, a row and a column.
    case loaded((KernelBuilder) -> (_ batch: [IndexExpr], _ k: IndexExpr, _ n: IndexExpr) -> Expr)

    var origin: String {
      switch self {
      case .packed: "constant operand in panels"
      case .loaded: "computed operand read where it lies"
      }
    }
  }

  let batch: [IndexExpr]
  let rows: IndexExpr
  /// Steps of the reduction, each of as many terms as the arithmetic has.
  let depth: IndexExpr
  let columns: Int
  let left: (KernelBuilder) -> (_ batch: [IndexExpr], _ m: IndexExpr, _ k: IndexExpr) -> Expr
  let right: Right
  /// Added to every row, and what sums are multiplied by; one per column.
  let constants: SumConstants
  /// The statements that use a finished element of the result.
  let finish:
    (
      KernelBuilder, _ batch: [IndexExpr], _ m: IndexExpr, _ n: IndexExpr, Expr
    ) throws(Diagnostic) -> [Statement]

  /// Whether what `finish` does with an element needs registers of its own.
  var isFinishedApart = false
  var arithmetic = TileArithmetic.floats
  /// Rows of the constant right operand where the last step of the reduction lacks some; nil for all that steps have.
  var rightRows: Int?

  /// Row tiles that one parallel iteration covers.
  static let tilesPerChunk = 8

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let lanes = context.target.lanes(.f32)
    let blocks = columns / lanes
    var cut = RegisterTile.cut(width: rows.value ?? 64, blocks: max(1, blocks), for: context.target)
    var order = Order.panels
    if case .packed = right {
      cut = chosenCut(context)
      order = Order(
        rows: rows.value, depth: depth.constant, columns: columns,
        chunkRows: cut.pixels * Self.tilesPerChunk, for: context.target)
    }
    // Sums between two sweeps.
    let sums = order.sweeps.map { _ in
      context.temporary(arithmetic.sum, [rows, IndexExpr(columns)])
    }
    let sweeps: [Range<Int>?] = order.sweeps ?? [nil]
    for sweep in sweeps {
      func launch(_ pixels: Int, _ perTile: Int, _ range: Range<Int>) throws(Diagnostic) {
        try Piece(
          product: self, context: context, order: order, sweep: sweep, sums: sums, range: range,
          pixels: pixels, perTile: perTile, lanes: lanes
        ).launch()
      }
      let whole = blocks / cut.blocks * cut.blocks
      if whole > 0 { try launch(cut.pixels, cut.blocks, 0..<whole * lanes) }
      if whole < blocks {
        let rest = RegisterTile.cut(
          width: rows.value ?? 64, blocks: blocks - whole, least: blocks - whole,
          for: context.target)
        try launch(rest.pixels, rest.blocks, whole * lanes..<blocks * lanes)
      }
      if columns % lanes != 0 {
        let room = context.target.vectorRegisterCount - 3
        let rest = RegisterTile.cut(width: rows.value ?? room, blocks: 1, for: context.target)
        try launch(rest.pixels, 1, blocks * lanes..<columns)
      }
    }
  }

  private func chosenCut(_ context: NodeLowering) -> RegisterTile.Cut {
    let table = ProductTable(
      batch: batch, rows: rows, depth: depth, columns: columns, arithmetic, for: context.target)
    let row = table.row(named: context.session.options.rows[table.problem])
    context.record(
      problem: table.problem, rows: table.rows.map { .init(name: $0.name, cost: $0.cost) },
      chosen: row.name)
    return row.cut
  }
}
