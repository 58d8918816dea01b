package import Diagnostics
import Loops
package import Ops
import Tensors

extension AffineGrid: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let theta = try context.plain(0)
    let shape = try context.outputShape()
    let rank = shape.count - 2
    let spatial = Array(shape[1..<1 + rank])
    if spatial.contains(where: { context.isUndefined($0) }) {
      let sizes = try context.vector(1, count: rank + 2)
      for (axis, extent) in spatial.enumerated() {
        try context.define(extent) { builder in
          ([], builder.view(sizes).load([IndexExpr(axis + 2)]).converted(to: .i64))
        }
      }
    }
    try context.require(0, [shape[0], IndexExpr(rank), IndexExpr(rank + 1)])
    let state: ElementType = theta.element == .f64 ? .f64 : .f32
    try Movement.lower(context, into: context.output()) { builder, position in
      let row = position[position.count - 1]
      func map(_ column: Int) -> Expr {
        builder.view(theta).load([position[0], row, IndexExpr(column)]).converted(to: state)
      }
      var sum = map(rank)
      // Columns count spatial axes from the back.
      for column in 0..<rank {
        let axis = rank - 1 - column
        sum = .fma(map(column), coordinate(position[1 + axis], spatial[axis], state), sum)
      }
      return sum.converted(to: theta.element)
    }
  }

  /// The normalized coordinate of position `index` of `count`.
  private func coordinate(
    _ index: IndexExpr, _ count: IndexExpr, _ type: ElementType
  ) -> Expr {
    let place = Expr.index(index).converted(to: type)
    if alignCorners {
      if count == 1 { return .float(-1, type) }
      // A single position has no distance to divide by and lies at the start.
      let last = Expr.index(IndexExpr.max(count - 1, 1)).converted(to: type)
      return place.times(2).divided(by: last).minus(1)
    }
    return place.times(2).plus(1).divided(by: Expr.index(count).converted(to: type)).minus(1)
  }
}
