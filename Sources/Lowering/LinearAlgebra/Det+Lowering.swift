package import Diagnostics
import Loops
package import Ops
import Tensors

extension Det: Lowerable {
  /// The largest matrix that is eliminated in memory private to a thread; others, and those of open sizes, have memory of the program's.
  private static let largest = 256

  /// A matrix that is eliminated in place.
  private struct Work {
    let load: (_ row: IndexExpr, _ column: IndexExpr) -> Expr
    let store: (_ row: IndexExpr, _ column: IndexExpr, Expr) -> Statement
  }

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let rank = input.shape.count
    let extent = input.shape[rank - 1]
    try context.require(0, axis: rank - 2, .equal, extent)
    let sink = try context.output()
    let batch = Array(input.shape.dropLast(2))
    let isSmall = extent.value.map { $0 <= Self.largest } ?? false
    let matrices = isSmall ? nil : context.temporary(.f64, batch + [extent, extent])
    try context.forEach("det", batch, work: batch.reduce(extent * extent * extent, *)) {
      builder, position throws(Diagnostic) in
      let a = work(builder, matrices, position, extent.value ?? 0)
      let result = builder.registers("det", .f64)
      let copy = try Nest.axes([extent, extent], .serial, builder) { place in
        [
          a.store(
            place[0], place[1], builder.view(input).load(position + place).converted(to: .f64))
        ]
      }
      let elimination = try builder.loop("k", extent) { k throws(Diagnostic) in
        try eliminate(builder, a, result, k, extent)
      }
      return copy + [.registers(result, initial: .constant(1, .f64))] + elimination
        + (try sink.store(
          Expr.register(result, []).converted(to: input.element), at: position, builder))
    }
  }

  /// Memory for the matrix at one position, `size` by `size` where it is private to the thread.
  private func work(
    _ builder: KernelBuilder, _ matrices: Placed?, _ position: [IndexExpr], _ size: Int
  ) -> Work {
    guard let matrices else {
      let scratch = builder.scratch(.f64, [size, size])
      return Work {
        .load(scratch, [$0, $1])
      } store: {
        .store(scratch, [$0, $1], $2)
      }
    }
    let view = builder.view(matrices, isWritten: true)
    return Work {
      view.load(position + [$0, $1])
    } store: {
      view.store($2, at: position + [$0, $1])
    }
  }

  /// Column `k`: the row of greatest magnitude is exchanged with row `k` and taken off the rows below.
  private func eliminate(
    _ builder: KernelBuilder, _ a: Work, _ result: Registers, _ k: IndexExpr, _ size: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let (best, row) = (builder.registers("best", .f64), builder.registers("row", .i64))
    let search = try builder.loop("i", size - k) { step in
      let magnitude = a.load(k + step, k).apply(.abs)
      let wins = builder.local("wins", .bool)
      return [
        .let(wins, .compare(.greater, magnitude, .register(best, []))),
        .set(row, [], .select(.local(wins), .index(k + step), .register(row, []))),
        .set(best, [], .select(.local(wins), magnitude, .register(best, []))),
      ]
    }
    let pivot = builder.computedIndex(
      "pivot", minimum: 0, maximum: size.value.map { Swift.max(0, $0 - 1) })
    let swap = try builder.loop("j", size) { j in
      let (upper, lower) = (builder.local("upper", .f64), builder.local("lower", .f64))
      return [
        .let(upper, a.load(k, j)), .let(lower, a.load(IndexExpr(pivot), j)),
        a.store(k, j, .local(lower)), a.store(IndexExpr(pivot), j, .local(upper)),
      ]
    }
    let value = builder.local("value", .f64)
    let reduce = try builder.loop("i", size - k - 1) { step throws(Diagnostic) in
      let factor = builder.local("factor", .f64)
      let i = k + 1 + step
      let row = try builder.loop("j", size - k) { j in
        let rest = a.load(i, k + j).minus(Expr.local(factor).times(a.load(k, k + j)))
        return [a.store(i, k + j, rest)]
      }
      return [.let(factor, a.load(i, k).divided(by: .local(value)))] + row
    }
    let isMoved = Expr.compare(.notEqual, .index(IndexExpr(pivot)), .index(k))
    let sign = Expr.select(isMoved, .float(-1, .f64), .float(1, .f64))
    let isRegular = Expr.compare(.notEqual, .local(value), .zero(.f64))
    return [
      .registers(best, initial: .zero(.f64)), .registers(row, initial: .index(k)),
    ] + search + [.bind(pivot, .register(row, []))] + swap + [
      .let(value, a.load(k, k)),
      .set(result, [], Expr.register(result, []).times(.local(value)).times(sign)),
      .if(isRegular, then: reduce, else: []),
    ]
  }
}
