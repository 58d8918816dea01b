package import Diagnostics
package import Loops
package import Tensors

/// A sweep over a row of elements in lanes: whole vectors, then one with the surplus lanes switched off.
package struct LaneSweep {
  package let count: IndexExpr
  package let lanes: Int

  /// Statements for every element of the row, inside a `vector` loop whose variable is `lane`.
  ///
  /// - Parameter body: gets the element's index, and a condition where the lane may be beyond the end.
  package func callAsFunction(
    _ builder: KernelBuilder, _ lane: IndexExpr,
    _ body: (_ index: IndexExpr, _ isInside: Expr?) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let whole = count.floorDiv(IndexExpr(lanes))
    let done = whole * IndexExpr(lanes)
    var statements: [Statement] = []
    if whole != 0 {
      statements += try builder.loop("v", whole) { number throws(Diagnostic) in
        try body(number * IndexExpr(lanes) + lane, nil)
      }
    }
    if count - done == 0 { return statements }
    let isInside = Expr.compare(.less, .index(done + lane), .index(count))
    return statements + (try body(done + lane, isInside))
  }
}
