package import Diagnostics
import Loops
package import Ops
import Tensors

extension TopK: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = input.shape
    let place = axis < 0 ? axis + shape.count : axis
    let extent = shape[place]
    let kept = try context.outputShape()
    let limit = try context.scalar(1)
    try context.define(kept[place]) { builder in
      let given = builder.view(limit).load(limit.shape.map { _ in 0 }).converted(to: .i64)
      return ([], .binary(.min, given, .index(extent)))
    }
    let values = context.hasOutput(0) ? try context.output(0) : nil
    let places = context.hasOutput(1) ? try context.output(1) : nil
    var others = shape
    others.remove(at: place)
    // The next of the order is the best of those that come after the last one: no memory beside the result.
    try context.forEach("top_k", others, work: shape.reduce(kept[place] * 4, *)) {
      builder, outer throws(Diagnostic) in
      let (lastKey, lastPlace) = (
        builder.registers("last", .i64), builder.registers("lastAt", .i64)
      )
      let (bestKey, bestPlace) = (
        builder.registers("best", .i64), builder.registers("bestAt", .i64)
      )
      let rounds = try builder.loop("r", kept[place]) { round throws(Diagnostic) in
        let search = try builder.loop("k", extent) { index in
          var source = outer
          source.insert(index, at: place)
          let key = builder.local("key", .i64)
          let x = builder.view(input).load(source)
          let isNext = isBefore(
            .register(lastKey, []), .register(lastPlace, []), .local(key), .index(index))
          let isBetter = Expr.binary(
            .or, Expr.register(bestPlace, []).isLess(than: 0),
            isBefore(.local(key), .index(index), .register(bestKey, []), .register(bestPlace, [])))
          let wins = builder.local("wins", .bool)
          return [
            .let(key, orderKey(x, isDescending: largest)),
            .let(wins, .binary(.and, isNext, isBetter)),
            .set(bestKey, [], .select(.local(wins), .local(key), .register(bestKey, []))),
            .set(bestPlace, [], .select(.local(wins), .index(index), .register(bestPlace, []))),
          ]
        }
        let found = builder.computedIndex(
          "found", minimum: 0, maximum: extent.upperBound.map { Swift.max(0, $0 - 1) })
        var (source, target) = (outer, outer)
        source.insert(IndexExpr(found), at: place)
        target.insert(round, at: place)
        var stores: [Statement] = []
        if let values {
          stores += try values.store(builder.view(input).load(source), at: target, builder)
        }
        if let places { stores += try places.store(.index(IndexExpr(found)), at: target, builder) }
        return [.set(bestPlace, [], .integer(-1, .i64))] + search
          + [.bind(found, Expr.register(bestPlace, []).atLeast(0))] + stores
          + [
            .set(lastKey, [], .register(bestKey, [])),
            .set(lastPlace, [], .register(bestPlace, [])),
          ]
      }
      return [
        .registers(lastKey, initial: .integer(.min, .i64)),
        .registers(lastPlace, initial: .integer(-1, .i64)),
        .registers(bestKey, initial: .zero(.i64)), .registers(bestPlace, initial: .zero(.i64)),
      ] + rounds
    }
  }

  /// Whether one element of the order comes before another.
  private func isBefore(_ key: Expr, _ place: Expr, _ otherKey: Expr, _ other: Expr) -> Expr {
    .binary(
      .or, .compare(.less, key, otherKey),
      .binary(
        .and, .compare(.equal, key, otherKey), .compare(.less, place, other)))
  }
}

/// A 64-bit integer that orders as the values of an element type do; NaN is larger than any number, zeros are equal.
func orderKey(_ x: Expr, isDescending: Bool) -> Expr {
  let key: Expr
  if x.type == .u64 {
    key = .binary(.xor, .bitcast(x, .i64), .integer(.min, .i64))
  } else if x.type.isFloat {
    let wide = x.converted(to: .f64)
    // Adding zero makes a negative zero positive.
    let bits = Expr.bitcast(wide.plus(0), .i64)
    let magnitude = Expr.binary(.and, bits, .integer(.max, .i64))
    let ordered = Expr.select(bits.isLess(than: 0), Expr.zero(.i64).minus(magnitude), bits)
    key = .select(wide.apply(.isNaN), .integer(.max, .i64), ordered)
  } else {
    key = x.converted(to: .i64)
  }
  return isDescending ? Expr.unary(.not, key) : key
}
