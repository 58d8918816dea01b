package import Diagnostics
import Loops
package import Ops
import Tensors

extension TopK: Lowerable {
  /// Rows so short, or so few results, are searched once for each result.
  private static let fewResults = 16
  private static let shortRow = 64

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
    try context.require("the number of results", kept[place], .atMost, extent)
    let rows = RankedRows(
      input: input, axis: place, kept: kept[place],
      key: OrderKey(element: input.element, isDescending: largest),
      values: context.hasOutput(0) ? try context.output(0) : nil,
      places: context.hasOutput(1) ? try context.output(1) : nil)
    let isSmall =
      kept[place].value.map { $0 <= Self.fewResults } ?? false
      || extent.value.map { $0 <= Self.shortRow } ?? false
    if isSmall { try rows.searchAgain(context) } else { try rows.selectDigits(context) }
  }
}

/// The first elements of each row along an axis, in the order of keys; of equal keys the earlier comes first.
struct RankedRows {
  let input: Placed
  let axis: Int
  let kept: IndexExpr
  let key: OrderKey
  let values: Sink?
  let places: Sink?

  private var extent: IndexExpr { input.shape[axis] }

  private var others: [IndexExpr] {
    var others = input.shape
    others.remove(at: axis)
    return others
  }

  private func position(_ row: [IndexExpr], _ index: IndexExpr) -> [IndexExpr] {
    var position = row
    position.insert(index, at: axis)
    return position
  }

  /// Writes result number `rank` of a row, which is the element at `found`.
  private func store(
    _ builder: KernelBuilder, _ row: [IndexExpr], _ rank: IndexExpr, _ found: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    var statements: [Statement] = []
    if let values {
      let value = builder.view(input).load(position(row, found))
      statements += try values.store(value, at: position(row, rank), builder)
    }
    if let places {
      statements += try places.store(.index(found), at: position(row, rank), builder)
    }
    return statements
  }

  /// The next of the order is the best of those that come after the last one: no memory beside the result.
  func searchAgain(_ context: NodeLowering) throws(Diagnostic) {
    try context.forEach("top_k", others, work: input.shape.reduce(kept * 4, *)) {
      builder, row throws(Diagnostic) in
      let (lastKey, lastPlace) = (
        builder.registers("last", key.type), builder.registers("lastAt", .i64)
      )
      let (bestKey, bestPlace) = (
        builder.registers("best", key.type), builder.registers("bestAt", .i64)
      )
      let rounds = try builder.loop("r", kept) { round throws(Diagnostic) in
        let search = try builder.loop("k", extent) { index in
          let own = builder.local("key", key.type)
          let x = builder.view(input).load(position(row, index))
          let isNext = isBefore(
            .register(lastKey, []), .register(lastPlace, []), .local(own), .index(index))
          let isBetter = Expr.binary(
            .or, Expr.register(bestPlace, []).isLess(than: 0),
            isBefore(.local(own), .index(index), .register(bestKey, []), .register(bestPlace, [])))
          let wins = builder.local("wins", .bool)
          return [
            .let(own, key(x)),
            .let(wins, .binary(.and, isNext, isBetter)),
            .set(bestKey, [], .select(.local(wins), .local(own), .register(bestKey, []))),
            .set(bestPlace, [], .select(.local(wins), .index(index), .register(bestPlace, []))),
          ]
        }
        let found = builder.computedIndex(
          "found", minimum: 0, maximum: extent.upperBound.map { Swift.max(0, $0 - 1) })
        return [.set(bestPlace, [], .integer(-1, .i64))] + search
          + [.bind(found, Expr.register(bestPlace, []).atLeast(0))]
          + (try store(builder, row, round, IndexExpr(found)))
          + [
            .set(lastKey, [], .register(bestKey, [])),
            .set(lastPlace, [], .register(bestPlace, [])),
          ]
      }
      return [
        .registers(lastKey, initial: .zero(key.type)),
        .registers(lastPlace, initial: .integer(-1, .i64)),
        .registers(bestKey, initial: .zero(key.type)),
        .registers(bestPlace, initial: .zero(.i64)),
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

  /// Finds the last key of the result digit by digit, then sorts what does not come after it.
  func selectDigits(_ context: NodeLowering) throws(Diagnostic) {
    let all = context.temporary(key.type, others + [extent])
    let chosen = DigitSort(context, key, others + [kept])
    try context.forEach("top_k", others, work: input.shape.reduce(8, *)) {
      builder, row throws(Diagnostic) in
      let lanes = LoopKind.vector(lanes: builder.target.lanes(.f32))
      let keys = try builder.loop("i", extent, lanes) { index in
        let own = key(builder.view(input).load(position(row, index)))
        return [builder.view(all, isWritten: true).store(own, at: row + [index])]
      }
      let bound = DigitBound(keys: all, digitCount: key.digitCount)
      let results = try builder.loop("r", kept) { rank throws(Diagnostic) in
        let found = builder.computedIndex(
          "found", minimum: 0, maximum: extent.upperBound.map { Swift.max(0, $0 - 1) })
        return [.bind(found, builder.view(chosen.places[0]).load(row + [rank]))]
          + (try store(builder, row, rank, IndexExpr(found)))
      }
      return try keys + bound.collect(builder, row, extent, kept, into: chosen)
        + chosen.sort(builder, row, kept) + results
    }
  }
}

/// The search for the key that is number `kept` of a row, from its highest digit to its lowest.
private struct DigitBound {
  let keys: Placed
  let digitCount: Int

  /// Writes the `kept` keys that come first, in the order of their places, where they will be sorted.
  func collect(
    _ builder: KernelBuilder, _ row: [IndexExpr], _ extent: IndexExpr, _ kept: IndexExpr,
    into chosen: DigitSort
  ) throws(Diagnostic) -> [Statement] {
    // The digits that are known, and how many keys with exactly these digits belong to the result.
    let known = builder.registers("known", keys.element)
    let wanted = builder.registers("wanted", .i64)
    let counts = builder.scratch(.i32, [1 << DigitSort.digitBits])
    let load = { (index: IndexExpr) in builder.view(keys).load(row + [index]) }
    let search = try builder.loop("d", IndexExpr(digitCount)) { step throws(Diagnostic) in
      let number = IndexExpr(digitCount - 1) - step
      let tally = try builder.loop("i", extent) { index in
        let key = builder.local("key", keys.element)
        let value = DigitSort.digit(builder, .local(key), number)
        let above = Expr.index((number + 1) * IndexExpr(DigitSort.digitBits))
          .converted(to: keys.element)
        let matches = Expr.compare(
          .equal, .binary(.shiftRight, .local(key), above), .register(known, []))
        return [.let(key, load(index))] + value.statements
          + [DigitSort.increment(counts, value.index, by: matches.converted(to: .i32))]
      }
      return try DigitSort.clear(builder, counts) + tally + choose(builder, counts, known, wanted)
    }
    let next = builder.registers("next", .i64)
    let take = try builder.loop("i", extent) { index in
      let key = builder.local("key", keys.element)
      let (isEqual, isTaken) = (builder.local("equal", .bool), builder.local("taken", .bool))
      let isAllowed = Expr.binary(
        .and, .local(isEqual), .compare(.greater, .register(wanted, []), .zero(.i64)))
      let target = builder.computedIndex(
        "target", minimum: 0, maximum: kept.upperBound.map { Swift.max(0, $0 - 1) })
      let at = row + [IndexExpr(target)]
      return [
        .let(key, load(index)),
        .let(isEqual, .compare(.equal, .local(key), .register(known, []))),
        .let(
          isTaken, .binary(.or, .compare(.less, .local(key), .register(known, [])), isAllowed)),
        .if(
          .local(isTaken),
          then: [
            .bind(target, .register(next, [])),
            builder.view(chosen.keys[0], isWritten: true).store(.local(key), at: at),
            builder.view(chosen.places[0], isWritten: true).store(
              Expr.index(index).converted(to: .i32), at: at),
            .set(next, [], Expr.register(next, []).plus(1)),
            .set(
              wanted, [],
              Expr.register(wanted, []).minus(Expr.local(isEqual).converted(to: .i64))),
          ], else: []),
      ]
    }
    return [
      .registers(known, initial: .zero(keys.element)),
      .registers(wanted, initial: .index(kept)),
    ] + search + [.registers(next, initial: .zero(.i64))] + take
  }

  /// The digit in whose keys the last wanted one is found.
  private func choose(
    _ builder: KernelBuilder, _ counts: Buffer, _ known: Registers, _ wanted: Registers
  ) throws(Diagnostic) -> [Statement] {
    let digit = builder.registers("digit", keys.element)
    let isFound = builder.registers("found", .bool)
    let loop = try builder.loop("v", counts.shape[0]) { value in
      let count = Expr.load(counts, [value]).converted(to: .i64)
      return [
        .if(
          .unary(.not, .register(isFound, [])),
          then: [
            .set(digit, [], Expr.index(value).converted(to: keys.element)),
            .if(
              .compare(.greaterOrEqual, count, .register(wanted, [])),
              then: [.set(isFound, [], .integer(1, .bool))],
              else: [.set(wanted, [], Expr.register(wanted, []).minus(count))]),
          ], else: [])
      ]
    }
    let shifted = Expr.binary(
      .shiftLeft, .register(known, []), .integer(Int64(DigitSort.digitBits), keys.element))
    return [
      .registers(digit, initial: .zero(keys.element)), .registers(isFound, initial: .zero(.bool)),
    ] + loop + [.set(known, [], .binary(.or, shifted, .register(digit, [])))]
  }
}
