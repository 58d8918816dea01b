package import Diagnostics
import Loops
package import Ops
import Tensors

extension RoiAlign: Lowerable {
  /// What the samples along one side of a cell follow from.
  private struct Side {
    let start: Expr
    /// The length of a cell.
    let size: Expr
    let count: Symbol
    let cell: IndexExpr
    let limit: IndexExpr
  }

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let x = try context.plain(0)
    let (regions, images) = try (context.plain(1), context.plain(2))
    try context.require(1, [context.outputShape()[0], 4])
    try context.require(2, [context.outputShape()[0]])
    let sink = try context.output()
    try context.forEach("roi_align", sink.shape, work: sink.shape.reduce(64, *)) {
      builder, position throws(Diagnostic) in
      let (binding, image) = clampedIndex(
        builder, builder.view(images).load([position[0]]), x.shape[0])
      let (rowStatements, rows) = side(
        builder, regions, position[0], 1, position[2], outputHeight, x.shape[2])
      let (columnStatements, columns) = side(
        builder, regions, position[0], 0, position[3], outputWidth, x.shape[3])
      let (sum, largest) = (builder.registers("sum", .f64), builder.registers("largest", .f64))
      let counts = [rows.count, columns.count].map { IndexExpr($0) }
      let loops = try Nest.axes(counts, .serial, builder) { step in
        let row = sample(builder, rows, step[0])
        let column = sample(builder, columns, step[1])
        let isInside = Expr.binary(.and, row.isInside, column.isInside)
        func corner(_ i: Int, _ j: Int) -> Expr {
          let place = [image, position[1], row.indices[i], column.indices[j]]
          let value = builder.view(x).load(place, when: isInside, otherwise: .zero(x.element))
          return value.converted(to: .f64).times(row.shares[i]).times(column.shares[j])
        }
        let corners = [(0, 0), (0, 1), (1, 0), (1, 1)].map { pair in
          (builder.local("corner", .f64), corner(pair.0, pair.1))
        }
        let locals = corners.map { Expr.local($0.0) }
        let total = locals.dropFirst().reduce(locals[0]) { $0.plus($1) }
        let top = locals.dropFirst().reduce(locals[0]) { .binary(.max, $0, $1) }
        return row.statements + column.statements + corners.map { .let($0.0, $0.1) } + [
          .set(sum, [], Expr.register(sum, []).plus(total)),
          .set(largest, [], .binary(.max, .register(largest, []), top)),
        ]
      }
      let samples = Expr.index(counts[0] * counts[1]).atLeast(1).converted(to: .f64)
      let isEmpty = Expr.compare(.equal, .register(largest, []), .float(-.infinity, .f64))
      let result =
        mode == .avg
        ? Expr.register(sum, []).divided(by: samples)
        : .select(isEmpty, .zero(.f64), .register(largest, []))
      return binding + rowStatements + columnStatements
        + [
          .registers(sum, initial: .zero(.f64)),
          .registers(largest, initial: .float(-.infinity, .f64)),
        ] + loops + (try sink.store(result.converted(to: x.element), at: position, builder))
    }
  }

  private func side(
    _ builder: KernelBuilder, _ regions: Placed, _ region: IndexExpr, _ first: Int,
    _ cell: IndexExpr, _ cells: Int, _ limit: IndexExpr
  ) -> (statements: [Statement], side: Side) {
    let shift = coordinates == .halfPixel ? 0.5 : 0
    func corner(_ index: Int) -> Expr {
      builder.view(regions).load([region, IndexExpr(index)]).converted(to: .f64)
        .times(spatialScale).minus(shift)
    }
    let (start, size) = (builder.local("start", .f64), builder.local("size", .f64))
    let length = corner(first + 2).minus(.local(start))
    let kept = coordinates == .halfPixel ? length : length.atLeast(1)
    let count = builder.computedIndex("samples", minimum: 0, maximum: 1 << 20)
    let wanted: Expr =
      samplingRatio > 0
      ? .integer(Int64(samplingRatio), .i64)
      : Expr.convert(Expr.local(size).apply(.ceil), .i64, .saturating).atLeast(0)
        .atMost(Double(1 << 20))
    return (
      [
        .let(start, corner(first)), .let(size, kept.times(1 / Double(cells))),
        .bind(count, wanted),
      ],
      Side(start: .local(start), size: .local(size), count: count, cell: cell, limit: limit)
    )
  }

  private func sample(
    _ builder: KernelBuilder, _ side: Side, _ number: IndexExpr
  ) -> (statements: [Statement], indices: [IndexExpr], shares: [Expr], isInside: Expr) {
    let (position, inside) = (builder.local("position", .f64), builder.local("inside", .f64))
    let (isInside, share) = (builder.local("isInside", .bool), builder.local("share", .f64))
    let count = Expr.index(IndexExpr(side.count)).converted(to: .f64)
    let cell = Expr.index(side.cell).converted(to: .f64).times(side.size)
    let step = Expr.index(number).converted(to: .f64).plus(0.5).times(side.size)
      .divided(by: count)
    let limit = Expr.index(side.limit).converted(to: .f64)
    let bounds = Expr.binary(
      .and, .compare(.greaterOrEqual, .local(position), .float(-1, .f64)),
      .compare(.lessOrEqual, .local(position), limit))
    let exists = Expr.compare(.greater, .index(side.limit), .zero(.i64))
    let maximum = side.limit.upperBound.map { Swift.max(0, $0 - 1) }
    let low = builder.computedIndex("low", minimum: 0, maximum: maximum)
    let high = builder.computedIndex("high", minimum: 0, maximum: maximum)
    let last = Expr.index(side.limit).minus(1)
    let whole = Expr.binary(.min, Expr.local(inside).converted(to: .i64), last).atLeast(0)
    let next = Expr.binary(.min, Expr.index(IndexExpr(low)).plus(1), last).atLeast(0)
    let isLast = Expr.compare(.greaterOrEqual, .index(IndexExpr(low)), last)
    let rest = Expr.local(inside).minus(Expr.index(IndexExpr(low)).converted(to: .f64))
    return (
      [
        .let(position, side.start.plus(cell).plus(step)),
        .let(isInside, .binary(.and, exists, bounds)),
        .let(inside, .select(.local(isInside), Expr.local(position).atLeast(0), .zero(.f64))),
        .bind(low, whole), .bind(high, next), .let(share, .select(isLast, .zero(.f64), rest)),
      ],
      [IndexExpr(low), IndexExpr(high)],
      [Expr.float(1, .f64).minus(.local(share)), .local(share)], .local(isInside)
    )
  }
}
