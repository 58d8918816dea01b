import Diagnostics
import Loops
import Tensors

/// A table with a row of integers for every axis, worked out at run time from vectors that name axes.
struct AxisTable {
  let placed: Placed
  /// Integers of a row.
  private let width: Int

  /// Far outside every tensor, yet sums with a dimension stay far inside 64 bits.
  private static let far = 1 << 40

  /// - Parameters:
  ///   - axes: the vector that names the axes; without one entry `i` is for axis `i`.
  ///   - count: how many entries there are.
  ///   - defaults: the row of an axis that no entry names.
  ///   - entry: the row that entry number `a` says.
  ///   - resolve: the row to keep, from an axis and what was said for it, within `-2^40...2^40`.
  init(
    _ context: NodeLowering, rank: Int, axes: Placed?, count: IndexExpr, defaults: [Int],
    entry: (KernelBuilder, _ a: IndexExpr) -> [Expr],
    resolve: (KernelBuilder, _ axis: Int, [Expr]) -> (statements: [Statement], row: [Expr])
  ) throws(Diagnostic) {
    let width = defaults.count
    let placed = context.temporary(.i64, [IndexExpr(rank), IndexExpr(width)])
    try context.forEach("axis_table", []) { builder, _ throws(Diagnostic) in
      let rows = (0..<rank).map { _ in defaults.map { _ in builder.registers("said", .i64) } }
      var statements: [Statement] = []
      for row in rows {
        for (cell, value) in zip(row, defaults) {
          statements.append(.registers(cell, initial: .integer(Int64(value), .i64)))
        }
      }
      statements += try builder.loop("a", count) { a in
        let axis = builder.local("axis", .i64)
        let named = axes.map { builder.view($0).load([a]).converted(to: .i64) } ?? .index(a)
        let said = entry(builder, a).map { value in
          (builder.local("value", .i64), value.converted(to: .i64))
        }
        var body: [Statement] = [.let(axis, named)]
        for (local, value) in said {
          body.append(
            .let(local, value.atLeast(Double(-Self.far)).atMost(Double(Self.far))))
        }
        for (number, row) in rows.enumerated() {
          let isIt = Expr.binary(
            .or, .compare(.equal, .local(axis), .integer(Int64(number), .i64)),
            .compare(.equal, .local(axis), .integer(Int64(number - rank), .i64)))
          for (cell, value) in zip(row, said) {
            body.append(.set(cell, [], .select(isIt, .local(value.0), .register(cell, []))))
          }
        }
        return body
      }
      let view = builder.view(placed, isWritten: true)
      for (number, row) in rows.enumerated() {
        let (prelude, values) = resolve(builder, number, row.map { .register($0, []) })
        statements += prelude
        for (column, value) in values.enumerated() {
          statements.append(
            view.store(value, at: [IndexExpr(number), IndexExpr(column)]))
        }
      }
      return statements
    }
    self.placed = placed
    self.width = width
  }

  /// The integer in a column of an axis's row.
  func load(_ builder: KernelBuilder, axis: Int, column: Int) -> Expr {
    builder.view(placed).load([IndexExpr(axis), IndexExpr(column)])
  }

  /// The same as an index expression.
  func bind(
    _ builder: KernelBuilder, axis: Int, column: Int
  ) -> (statement: Statement, index: IndexExpr) {
    let symbol = builder.computedIndex("given", minimum: -Self.far, maximum: Self.far)
    return (
      .bind(symbol, load(builder, axis: axis, column: column)), IndexExpr(symbol)
    )
  }
}

/// Slices whose ranges are computed at run time.
enum ComputedSlice {
  static func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let (starts, ends) = try (context.plain(1), context.plain(2))
    for index in 1..<5 where context.hasInput(index) {
      try context.require(index, [context.shape(index).first ?? 0])
    }
    let axes = context.hasInput(3) ? try context.plain(3) : nil
    let steps = context.hasInput(4) ? try context.plain(4) : nil
    let shape = try context.outputShape()
    var count = IndexExpr.min(starts.shape[0], ends.shape[0])
    for list in [axes, steps] { if let list { count = .min(count, list.shape[0]) } }
    let table = try AxisTable(
      context, rank: shape.count, axes: axes, count: count,
      defaults: [0, 1 << 40, 1],
      entry: { builder, a in
        [
          builder.view(starts).load([a]), builder.view(ends).load([a]),
          steps.map { builder.view($0).load([a]) } ?? .integer(1, .i64),
        ]
      },
      resolve: { builder, axis, said in range(builder, input.shape[axis], said) })
    for (axis, extent) in shape.enumerated() {
      try context.define(extent) { builder in
        ([], table.load(builder, axis: axis, column: 2))
      }
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      var statements: [Statement] = []
      var source: [IndexExpr] = []
      for axis in position.indices {
        let start = table.load(builder, axis: axis, column: 0)
        let step = table.load(builder, axis: axis, column: 1)
        let place = start.plus(Expr.index(position[axis]).times(step))
        let extent = input.shape[axis]
        let symbol = builder.computedIndex(
          "at", minimum: 0, maximum: extent.upperBound.map { Swift.max(0, $0 - 1) })
        let last = Expr.index(extent).minus(1)
        statements.append(.bind(symbol, Expr.binary(.min, place, last).atLeast(0)))
        source.append(IndexExpr(symbol))
      }
      return (statements, builder.view(input).load(source))
    }
  }

  /// The first element, the step and the count that a start, an end and a step come to.
  ///
  /// Source: ONNX Slice-13, the rules of clamping.
  private static func range(
    _ builder: KernelBuilder, _ extent: IndexExpr, _ said: [Expr]
  ) -> (statements: [Statement], row: [Expr]) {
    let dimension = Expr.index(extent)
    let step = builder.local("step", .i64)
    let (from, to) = (builder.local("from", .i64), builder.local("to", .i64))
    let isZero = Expr.compare(.equal, said[2], .zero(.i64))
    let isUp = Expr.local(step).isGreater(than: 0)
    let high = Expr.select(isUp, dimension, dimension.minus(1))
    let low = Expr.select(isUp, Expr.zero(.i64), .integer(-1, .i64))
    func resolved(_ position: Expr, _ least: Expr) -> Expr {
      let front = Expr.select(position.isLess(than: 0), position.plus(dimension), position)
      return .binary(.min, .binary(.max, front, least), high)
    }
    let span = Expr.select(
      isUp, Expr.local(to).minus(.local(from)), Expr.local(from).minus(.local(to)))
    let magnitude = Expr.local(step).apply(.abs)
    let count = span.plus(magnitude).minus(1).divided(by: magnitude)
    return (
      [
        .let(step, .select(isZero, .integer(1, .i64), said[2])),
        .let(from, resolved(said[0], .zero(.i64))), .let(to, resolved(said[1], low)),
      ],
      [.local(from), .local(step), .select(span.isGreater(than: 0), count, .zero(.i64))]
    )
  }
}

/// Pads that are computed at run time.
enum ComputedPad {
  /// - Parameter source: the position of the input for one beside it; nil where that is the constant.
  static func lower(
    _ context: NodeLowering, fill: (KernelBuilder) -> Expr,
    source: ((_ index: IndexExpr, _ extent: IndexExpr) -> IndexExpr)?
  ) throws(Diagnostic) {
    let (input, pads) = try (context.plain(0), context.plain(1))
    for index in [1, 3] where context.hasInput(index) {
      try context.require(index, [context.shape(index).first ?? 0])
    }
    let axes = context.hasInput(3) ? try context.plain(3) : nil
    let shape = try context.outputShape()
    let half = pads.shape[0].floorDiv(2)
    let table = try AxisTable(
      context, rank: shape.count, axes: axes, count: axes.map { .min(half, $0.shape[0]) } ?? half,
      defaults: [0, 0],
      entry: { builder, a in [builder.view(pads).load([a]), builder.view(pads).load([half + a])] },
      resolve: { _, _, said in ([], said) })
    for (axis, extent) in shape.enumerated() {
      try context.define(extent) { builder in
        let own = Expr.index(input.shape[axis])
        let begin = table.load(builder, axis: axis, column: 0)
        return ([], own.plus(begin).plus(table.load(builder, axis: axis, column: 1)))
      }
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      var statements: [Statement] = []
      var place: [IndexExpr] = []
      var isInside = Expr.integer(1, .bool)
      for (axis, extent) in input.shape.enumerated() {
        let (binding, begin) = table.bind(builder, axis: axis, column: 0)
        statements.append(binding)
        let index = position[axis] - begin
        place.append(source?(index, extent) ?? index)
        let last = place[place.count - 1]
        isInside = .binary(
          .and, isInside,
          .binary(
            .and, .compare(.greaterOrEqual, .index(last), .zero(.i64)),
            .compare(.less, .index(last), .index(extent))))
      }
      return (
        statements, builder.view(input).load(place, when: isInside, otherwise: fill(builder))
      )
    }
  }
}
