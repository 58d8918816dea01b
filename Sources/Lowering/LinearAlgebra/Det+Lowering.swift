package import Diagnostics
import Loops
package import Ops
import Tensors

extension Det: Lowerable {
  /// The largest matrix that is eliminated in memory private to a thread.
  private static let largest = 256

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    guard let size = input.shape.last?.value, size <= Self.largest else {
      throw .unsupported(
        "lowering.matrix-size", "matrices are \(input.shape), expected at most \(Self.largest) rows"
      )
    }
    try context.require(0, axis: input.shape.count - 2, .equal, IndexExpr(size))
    let sink = try context.output()
    let batch = Array(input.shape.dropLast(2))
    try context.forEach("det", batch, work: batch.reduce(IndexExpr(size * size * size), *)) {
      builder, position throws(Diagnostic) in
      let a = builder.scratch(.f64, [size, size])
      let result = builder.registers("det", .f64)
      let extent = IndexExpr(size)
      let copy = try Nest.axes([extent, extent], .serial, builder) { place in
        [.store(a, place, builder.view(input).load(position + place).converted(to: .f64))]
      }
      let elimination = try builder.loop("k", extent) { k throws(Diagnostic) in
        try eliminate(builder, a, result, k, extent)
      }
      return copy + [.registers(result, initial: .constant(1, .f64))] + elimination
        + (try sink.store(
          Expr.register(result, []).converted(to: input.element), at: position, builder))
    }
  }

  /// Column `k`: the row of greatest magnitude is exchanged with row `k` and taken off the rows below.
  private func eliminate(
    _ builder: KernelBuilder, _ a: Buffer, _ result: Registers, _ k: IndexExpr, _ size: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let (best, row) = (builder.registers("best", .f64), builder.registers("row", .i64))
    let search = try builder.loop("i", size - k) { step in
      let magnitude = Expr.load(a, [k + step, k]).apply(.abs)
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
        .let(upper, .load(a, [k, j])), .let(lower, .load(a, [IndexExpr(pivot), j])),
        .store(a, [k, j], .local(lower)), .store(a, [IndexExpr(pivot), j], .local(upper)),
      ]
    }
    let value = builder.local("value", .f64)
    let reduce = try builder.loop("i", size - k - 1) { step throws(Diagnostic) in
      let factor = builder.local("factor", .f64)
      let i = k + 1 + step
      let row = try builder.loop("j", size - k) { j in
        let rest = Expr.load(a, [i, k + j]).minus(
          Expr.local(factor).times(.load(a, [k, k + j])))
        return [.store(a, [i, k + j], rest)]
      }
      return [.let(factor, Expr.load(a, [i, k]).divided(by: .local(value)))] + row
    }
    let isMoved = Expr.compare(.notEqual, .index(IndexExpr(pivot)), .index(k))
    let sign = Expr.select(isMoved, .float(-1, .f64), .float(1, .f64))
    let isRegular = Expr.compare(.notEqual, .local(value), .zero(.f64))
    return [
      .registers(best, initial: .zero(.f64)), .registers(row, initial: .index(k)),
    ] + search + [.bind(pivot, .register(row, []))] + swap + [
      .let(value, .load(a, [k, k])),
      .set(result, [], Expr.register(result, []).times(.local(value)).times(sign)),
      .if(isRegular, then: reduce, else: []),
    ]
  }
}
