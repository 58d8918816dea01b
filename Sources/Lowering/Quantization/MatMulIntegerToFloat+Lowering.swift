package import Diagnostics
import Loops
package import Ops
import Tensors

extension MatMulIntegerToFloat: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let right = try context.shape(1)
    let columns = right.count == 1 ? 1 : right[right.count - 1]
    for index in [4, 5] where context.hasInput(index) { try context.require(index, oneOr: columns) }
    let multiplier = try context.plain(4)
    let bias = context.hasInput(5) ? try context.plain(5) : nil
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
