import Diagnostics
import Loops
import Tensors

/// Keys in memory with the places that belong to them, sorted digit by digit, the least digit first: equal keys stay in
/// their order.
///
/// Source: Knuth, The Art of Computer Programming, volume 3, section 5.2.5 (radix list sorting).
struct DigitSort {
  static let digitBits = 8
  private static let digitValues = 1 << digitBits

  /// Keys, unsigned, `[row..., count]`: first those to sort, which the sorted ones replace; then room for as many.
  let keys: [Placed]
  /// Places, `i32`, likewise.
  let places: [Placed]

  /// Memory for rows of so many keys.
  init(_ context: NodeLowering, _ key: OrderKey, _ shape: [IndexExpr]) {
    keys = (0..<2).map { _ in context.temporary(key.type, shape) }
    places = (0..<2).map { _ in context.temporary(.i32, shape) }
  }

  /// Puts the first `count` keys of a row in order.
  func sort(
    _ builder: KernelBuilder, _ row: [IndexExpr], _ count: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let counts = builder.scratch(.i32, [Self.digitValues])
    let rounds = keys[0].element.bitWidth / Self.digitBits / 2
    // Two digits in a round, so that the keys are back where they were.
    return try builder.loop("d", IndexExpr(rounds)) { round throws(Diagnostic) in
      try move(builder, row, count, digit: round * 2, from: 0, to: 1, counts)
        + move(builder, row, count, digit: round * 2 + 1, from: 1, to: 0, counts)
    }
  }

  private func move(
    _ builder: KernelBuilder, _ row: [IndexExpr], _ count: IndexExpr, digit: IndexExpr,
    from: Int, to: Int, _ counts: Buffer
  ) throws(Diagnostic) -> [Statement] {
    let load = { (index: IndexExpr) in builder.view(keys[from]).load(row + [index]) }
    let tally = try builder.loop("i", count) { index in
      let value = Self.digit(builder, load(index), digit)
      return value.statements + [Self.increment(counts, value.index)]
    }
    // From how often each digit occurs to where its first key goes.
    let next = builder.registers("next", .i32)
    let sums = try builder.loop("v", IndexExpr(Self.digitValues)) { value in
      let found = builder.local("found", .i32)
      return [
        .let(found, .load(counts, [value])), .store(counts, [value], .register(next, [])),
        .set(next, [], Expr.register(next, []).plus(.local(found))),
      ]
    }
    let moves = try builder.loop("i", count) { index in
      let key = builder.local("key", keys[from].element)
      let value = Self.digit(builder, .local(key), digit)
      let target = builder.computedIndex("target", minimum: 0, maximum: nil)
      let place = builder.view(places[from]).load(row + [index])
      return [.let(key, load(index))] + value.statements + [
        .bind(target, .load(counts, [value.index])),
        builder.view(keys[to], isWritten: true).store(.local(key), at: row + [IndexExpr(target)]),
        builder.view(places[to], isWritten: true).store(place, at: row + [IndexExpr(target)]),
        Self.increment(counts, value.index),
      ]
    }
    return try Self.clear(builder, counts) + tally + [.registers(next, initial: .zero(.i32))] + sums
      + moves
  }

  /// A digit of a key, the least one being 0.
  static func digit(
    _ builder: KernelBuilder, _ key: Expr, _ number: IndexExpr
  ) -> (statements: [Statement], index: IndexExpr) {
    let symbol = builder.computedIndex("digit", minimum: 0, maximum: digitValues - 1)
    let shift = Expr.index(number * IndexExpr(digitBits)).converted(to: key.type)
    let value = Expr.binary(
      .and, .binary(.shiftRight, key, shift), .integer(Int64(digitValues - 1), key.type))
    return ([.bind(symbol, value)], IndexExpr(symbol))
  }

  /// Sets all counts to zero.
  static func clear(_ builder: KernelBuilder, _ counts: Buffer) throws(Diagnostic) -> [Statement] {
    let lanes = LoopKind.vector(lanes: builder.target.lanes(.f32))
    return try builder.loop("v", counts.shape[0], lanes) { [.store(counts, [$0], .zero(.i32))] }
  }

  static func increment(_ counts: Buffer, _ index: IndexExpr, by amount: Expr? = nil) -> Statement {
    .store(counts, [index], Expr.load(counts, [index]).plus(amount ?? .integer(1, .i32)))
  }
}
