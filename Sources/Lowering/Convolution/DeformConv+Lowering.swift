package import Diagnostics
import Loops
package import Ops
import Tensors

extension DeformConv: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, weights, offsets) = try (context.plain(0), context.plain(1), context.plain(2))
    let bias = context.hasInput(3) ? try context.plain(3) : nil
    let mask = context.hasInput(4) ? try context.plain(4) : nil
    let axes = try geometry(x.shape, weights.shape, bias?.shape).axes
    try context.requireConvolution(0, 1, bias: 3, group: group, axes)
    try context.require(0, axis: 1, divisibleBy: offsetGroup)
    let taps = axes.map(\.kernel).reduce(1, *)
    let points = IndexExpr(offsetGroup) * taps
    let plane = axes.map(\.output)
    try context.require(2, [x.shape[0], points * 2] + plane)
    if mask != nil { try context.require(4, [x.shape[0], points] + plane) }
    let sink = try context.output()
    let element = x.element
    let state: ElementType = element == .f64 ? .f64 : .f32
    let depth = weights.shape[1]
    let filters = weights.shape[0].floorDiv(IndexExpr(group))
    let perOffset = x.shape[1].floorDiv(IndexExpr(offsetGroup))
    let work = (sink.shape + [depth, taps]).reduce(IndexExpr(32), *)
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let sum = builder.registers("sum", state)
      let filter = position[1]
      let first =
        bias.map { builder.view($0).load([filter]).converted(to: state) } ?? .zero(state)
      let loops = try Nest.axes([depth] + axes.map(\.kernel), .serial, builder) { step in
        let channel = filter.floorDiv(filters) * depth + step[0]
        let tap = step[1] * axes[1].kernel + step[2]
        let point = channel.floorDiv(perOffset) * taps + tap
        let place = Array(position.dropFirst(2))
        var statements: [Statement] = []
        var coordinates: [Expr] = []
        for axis in 0..<2 {
          let start =
            place[axis] * IndexExpr(axes[axis].stride) - axes[axis].padBegin
            + step[axis + 1] * IndexExpr(axes[axis].dilation)
          let moved = builder.local("at", state)
          let offset = builder.view(offsets).load(
            [position[0], point * 2 + IndexExpr(axis)] + place)
          statements.append(
            .let(
              moved, Expr.index(start).converted(to: state).plus(offset.converted(to: state))))
          coordinates.append(.local(moved))
        }
        let (prelude, sample) = sample(
          builder, builder.view(x), [position[0], channel], coordinates, state)
        var value = sample
        if let mask {
          let share = builder.view(mask).load([position[0], point] + place)
          value = value.times(share.converted(to: state))
        }
        let weight = builder.view(weights).load([filter] + step).converted(to: state)
        return statements + prelude
          + [.set(sum, [], .fma(value, weight, .register(sum, [])))]
      }
      let result = Expr.register(sum, []).converted(to: element)
      return [.registers(sum, initial: first)] + loops
        + (try sink.store(result, at: position, builder))
    }
    context.launch("deformable_conv", builder, body, work: work)
  }

  /// The value between four elements of a plane; outside the plane everything is zero.
  private func sample(
    _ builder: KernelBuilder, _ x: View, _ plane: [IndexExpr], _ at: [Expr], _ state: ElementType
  ) -> (statements: [Statement], value: Expr) {
    var statements: [Statement] = []
    var corners: [[(index: IndexExpr, share: Expr, isInside: Expr)]] = []
    for (axis, coordinate) in at.enumerated() {
      let extent = x.shape[axis + 2]
      let (base, share) = (builder.local("base", state), builder.local("share", state))
      statements.append(.let(base, coordinate.apply(.floor)))
      statements.append(.let(share, coordinate.minus(.local(base))))
      let last = Expr.index(extent).minus(1)
      corners.append(
        (0..<2).map { step in
          let place = Expr.local(base).plus(Double(step))
          let low = Expr.compare(.greaterOrEqual, place, .zero(state))
          let high = Expr.compare(.lessOrEqual, place, last.converted(to: state))
          let symbol = builder.computedIndex(
            "at", minimum: 0, maximum: extent.upperBound.map { Swift.max(0, $0 - 1) })
          let whole = Expr.binary(.min, place.converted(to: .i64), last).atLeast(0)
          statements.append(.bind(symbol, whole))
          let own = Expr.local(share)
          return (
            IndexExpr(symbol), step == 0 ? own.number(1).minus(own) : own,
            .binary(.and, low, high)
          )
        })
    }
    var total: Expr?
    for row in corners[0] {
      for column in corners[1] {
        let isInside = Expr.binary(.and, row.isInside, column.isInside)
        let load = x.load(
          plane + [row.index, column.index], when: isInside, otherwise: .zero(x.element))
        let term = load.converted(to: state).times(row.share).times(column.share)
        let kept = Expr.select(isInside, term, .zero(state))
        total = total.map { $0.plus(kept) } ?? kept
      }
    }
    return (statements, total ?? .zero(state))
  }
}
