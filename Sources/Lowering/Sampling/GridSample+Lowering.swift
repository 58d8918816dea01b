package import Diagnostics
import Loops
package import Ops
import Tensors

extension GridSample: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, grid) = try (context.plain(0), context.plain(1))
    try x.element.requireComputable()
    let sizes = Array(x.shape.dropFirst(2))
    try context.require(1, axis: 0, .equal, x.shape[0])
    try context.require(1, axis: grid.shape.count - 1, .equal, IndexExpr(sizes.count))
    let sink = try context.output()
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let place = [position[0]] + position.dropFirst(2)
      var statements: [Statement] = []
      var axes: [[GridTap]] = []
      for (axis, size) in sizes.enumerated() {
        let column = IndexExpr(sizes.count - 1 - axis)
        let coordinate = builder.view(grid).load(place + [column]).converted(to: .f64)
        let (prelude, taps) = GridAxis(op: self, size: size, builder: builder).taps(coordinate)
        statements += prelude
        axes.append(taps)
      }
      var combinations: [(index: [IndexExpr], weight: Expr?, isInside: Expr)] = [
        (Array(position.prefix(2)), nil, .integer(1, .bool))
      ]
      for taps in axes {
        combinations = combinations.flatMap { entry in
          taps.map { tap in
            (
              entry.index + [tap.index], entry.weight.map { $0.times(tap.weight) } ?? tap.weight,
              .binary(.and, entry.isInside, tap.isInside)
            )
          }
        }
      }
      let sum = builder.registers("sum", .f64)
      statements.append(.registers(sum, initial: .zero(.f64)))
      for entry in combinations {
        let value = builder.view(x).load(
          entry.index, when: entry.isInside, otherwise: .zero(x.element)
        ).converted(to: .f64)
        let term = entry.weight.map { value.times($0) } ?? value
        let added = Expr.register(sum, []).plus(term)
        statements.append(.set(sum, [], .select(entry.isInside, added, .register(sum, []))))
      }
      let result = Expr.register(sum, []).converted(to: x.element)
      return statements + (try sink.store(result, at: position, builder))
    }
    let taps = mode == .cubic ? 4 : 2
    context.launch("grid_sample", builder, body, work: sink.shape.reduce(IndexExpr(taps * 16), *))
  }
}

/// An element along one axis with its share.
private struct GridTap {
  let index: IndexExpr
  let weight: Expr
  let isInside: Expr
}

/// The elements along one axis that make up a normalized coordinate, computed in double precision like the reference.
private struct GridAxis {
  let op: GridSample
  let size: IndexExpr
  let builder: KernelBuilder

  private var length: Expr { Expr.index(size).converted(to: .f64) }
  private var low: Expr { .float(op.alignCorners ? 0 : -0.5, .f64) }
  private var high: Expr { length.minus(op.alignCorners ? 1 : 0.5) }

  func taps(_ coordinate: Expr) -> (statements: [Statement], taps: [GridTap]) {
    let (raw, x) = (builder.local("raw", .f64), builder.local("x", .f64))
    let base = builder.local("base", .f64)
    let shifted = coordinate.plus(1)
    var scaled =
      op.alignCorners
      ? shifted.times(0.5).times(length.minus(1)) : shifted.times(length).minus(1).times(0.5)
    if op.mode == .nearest { scaled = scaled.apply(.round) }
    let own = Expr.local(raw)
    var padded = own
    let isOut = Expr.binary(
      .or, .compare(.less, own, low), .compare(.greater, own, high))
    if op.padding == .border {
      let last = Expr.binary(.min, own.atLeast(0), length.minus(1))
      padded = .select(isOut, last, own)
    }
    if op.padding == .reflection { padded = .select(isOut, reflect(own), own) }
    let isNear = Expr.compare(.less, Expr.local(x).apply(.abs), .float(0x1p52, .f64))
    var statements: [Statement] = [
      .let(raw, scaled), .let(x, padded), .let(base, Expr.local(x).apply(.floor)),
    ]
    var taps: [GridTap] = []
    let range = op.mode == .nearest ? 0...0 : op.mode == .cubic ? -1...2 : 0...1
    for step in range {
      let distance = builder.local("distance", .f64)
      let ratio = Expr.local(x).minus(.local(base))
      statements.append(
        .let(distance, Expr.float(Double(step), .f64).minus(ratio).apply(.abs)))
      let weight: Expr =
        switch op.mode {
        case .nearest: .float(1, .f64)
        case .linear: Expr.float(1, .f64).minus(.local(distance))
        case .cubic: cubic(.local(distance))
        }
      let target = Expr.local(op.mode == .nearest ? x : base).plus(Double(step))
      let (binding, index, isInside) = tap(target)
      statements += binding
      taps.append(
        GridTap(index: index, weight: weight, isInside: .binary(.and, isNear, isInside)))
    }
    return (statements, taps)
  }

  /// The element at a whole position, and whether padding leaves it there.
  private func tap(_ position: Expr) -> (statements: [Statement], index: IndexExpr, isInside: Expr)
  {
    let place = builder.local("place", .f64)
    let limit = length.minus(1)
    let exists = Expr.compare(.greater, .index(size), .zero(.i64))
    var isInside = exists
    var target = position
    if op.padding == .zeros {
      let low = Expr.compare(.greaterOrEqual, .local(place), .zero(.f64))
      let high = Expr.compare(.lessOrEqual, .local(place), limit)
      isInside = .binary(.and, exists, .binary(.and, low, high))
    }
    if op.padding == .reflection { target = reflect(position).apply(.trunc) }
    let symbol = builder.computedIndex(
      "at", minimum: 0, maximum: size.upperBound.map { Swift.max(0, $0 - 1) })
    // Clamped as an integer, so that whatever a number out of range becomes stays inside.
    let whole = Expr.local(place).converted(to: .i64)
    let clamped = Expr.binary(.min, whole, Expr.index(size).minus(1)).atLeast(0)
    return ([.let(place, target), .bind(symbol, clamped)], IndexExpr(symbol), isInside)
  }

  /// `x` folded into `low...high` at both ends.
  private func reflect(_ x: Expr) -> Expr {
    let range = high.minus(low)
    let isLow = Expr.compare(.less, x, low)
    let distance = Expr.select(isLow, low.minus(x), x.minus(high))
    let turns = distance.divided(by: range).apply(.floor)
    let rest = distance.minus(turns.times(range))
    let half = turns.times(0.5)
    let isEven = Expr.compare(.equal, half, half.apply(.floor))
    let fromLow = Expr.compare(.equal, isEven, isLow)
    let folded = Expr.select(fromLow, low.plus(rest), high.minus(rest))
    let isIn = Expr.binary(
      .and, .compare(.greaterOrEqual, x, low), .compare(.lessOrEqual, x, high))
    let isDegenerate = Expr.compare(.lessOrEqual, range, .zero(.f64))
    return .select(isIn, x, .select(isDegenerate, low, folded))
  }

  /// The cubic convolution kernel of Keys 1981 with a = -0.75.
  private func cubic(_ x: Expr) -> Expr {
    let a = -0.75
    let near = x.times(a + 2).minus(a + 3).times(x).times(x).plus(1)
    let far = x.times(a).minus(5 * a).times(x).plus(8 * a).times(x).minus(4 * a)
    return .select(
      .compare(.lessOrEqual, x, .float(1, .f64)), near,
      .select(x.isLess(than: 2), far, .zero(.f64)))
  }
}
