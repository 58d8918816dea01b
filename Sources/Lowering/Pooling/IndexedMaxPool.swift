import Diagnostics
import Loops
import Ops
import Tensors

/// A maximum pool that also says where each maximum was found: the first of equal ones, in the whole of the input.
struct IndexedMaxPool {
  let axes: [WindowAxis]
  let input: Placed
  let sink: Sink
  let places: Placed
  /// Whether spatial positions count with the first axis fastest.
  let isColumnMajor: Bool
  /// The result of a window that holds nothing.
  let lowest: Expr

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(input)
    let state = lowest.type
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let best = builder.registers("best", state)
      let at = builder.registers("at", .i64)
      let window = Array(position.dropFirst(2))
      let loops = try Nest.axes(axes.map(\.kernel), .serial, builder) { taps in
        let spatial = zip(axes, zip(window, taps)).map { axis, pair in
          pair.0 * IndexExpr(axis.stride) - axis.padBegin + pair.1 * IndexExpr(axis.dilation)
        }
        let isInside = builder.local("in", .bool)
        let tap = builder.local("tap", state)
        let wins = builder.local("wins", .bool)
        let load = x.load(
          Array(position.prefix(2)) + spatial, when: .local(isInside),
          otherwise: .zero(input.element))
        let beats = Expr.binary(
          .or, .compare(.greater, .local(tap), .register(best, [])),
          Expr.register(at, []).isLess(than: 0))
        let index = Expr.index(place(Array(position.prefix(2)), spatial))
        return [
          .let(isInside, inside(spatial)), .let(tap, load.converted(to: state)),
          .let(wins, .binary(.and, .local(isInside), beats)),
          .set(best, [], .select(.local(wins), .local(tap), .register(best, []))),
          .set(at, [], .select(.local(wins), index, .register(at, []))),
        ]
      }
      let result = Expr.register(best, []).converted(to: input.element)
      return [.registers(best, initial: lowest), .registers(at, initial: .integer(-1, .i64))]
        + loops + (try sink.store(result, at: position, builder))
        + [builder.view(places, isWritten: true).store(.register(at, []), at: position)]
    }
    context.launch("indexed_pool", builder, body)
  }

  private func place(_ plane: [IndexExpr], _ spatial: [IndexExpr]) -> IndexExpr {
    var index = IndexExpr(0)
    for (axis, coordinate) in plane.enumerated() { index = index * input.shape[axis] + coordinate }
    let pairs = Array(zip(axes.map(\.input), spatial))
    var within = IndexExpr(0)
    for (extent, coordinate) in isColumnMajor ? pairs.reversed() : pairs {
      within = within * extent + coordinate
    }
    return index * axes.map(\.input).reduce(1, *) + within
  }

  private func inside(_ spatial: [IndexExpr]) -> Expr {
    var condition = Expr.integer(1, .bool)
    for (axis, index) in zip(axes, spatial) {
      condition = .binary(.and, condition, .compare(.greaterOrEqual, .index(index), .index(0)))
      condition = .binary(.and, condition, .compare(.less, .index(index), .index(axis.input)))
    }
    return condition
  }
}
