package import Diagnostics
import Loops
package import Ops
import Tensors

extension MatMulIntegerToFloat: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (a, b) = try (context.shape(0), context.shape(1))
    let geometry = try MatrixGeometry(a, b)
    try context.requireProduct(0, 1, geometry)
    let columns = b.count == 1 ? 1 : b[b.count - 1]
    for index in [4, 5] where context.hasInput(index) { try context.require(index, oneOr: columns) }
    if let bytes = try ByteProduct(context, geometry, isMultiplied: true) {
      return try bytes.lower(context)
    }
    let multiplier = try context.plain(4)
    if !context.hasInput(5), let short = ShortProduct(geometry) {
      return try short.lower(context, zeros: [2, 3]) { builder, column, sum in
        sum.times(perColumn(builder, multiplier, column))
      }
    }
    let bias = context.hasInput(5) ? try context.plain(5) : nil
    context.note("element by element: both operands are computed, or wider than a byte")
    try QuantizedProduct(a: 0, b: 1, aZero: 2, bZero: 3).lower(context) {
      builder, _, _, column, sum in
      let total = bias.map { sum.plus(perColumn(builder, $0, column)) } ?? sum
      return total.converted(to: .f32).times(perColumn(builder, multiplier, column))
    }
  }

  private func perColumn(
    _ builder: KernelBuilder, _ placed: Placed, _ column: IndexExpr
  ) -> Expr {
    builder.view(placed).load(placed.shape.map { $0 == 1 ? 0 : column })
  }
}
