import Diagnostics
import Loops
import Ops
import Tensors

/// A pool of any type and dilation over a row-major tensor, every tap checked against the edges.
struct DirectPool {
  /// How taps inside the input change the state, from what start.
  struct Fold {
    let initial: Expr
    let state: ElementType
    let step: (_ state: Expr, _ tap: Expr) -> Expr
    /// The result from the state and the number of taps inside, and inside or in the padding.
    let finish: (_ state: Expr, _ inside: Expr, _ padded: Expr) -> Expr
  }

  let axes: [WindowAxis]
  let input: Placed
  let sink: Sink
  let fold: Fold

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(input)
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let place = Array(position.dropFirst(2))
      let state = builder.registers("state", fold.state)
      let inside = builder.registers("inside", .i64)
      let padded = builder.registers("padded", .i64)
      let loops = try Nest.axes(axes.map(\.kernel), .serial, builder) { taps in
        let at = zip(axes, zip(place, taps)).map { axis, pair in
          pair.0 * IndexExpr(axis.stride) - axis.padBegin + pair.1 * IndexExpr(axis.dilation)
        }
        let isInside = builder.local("in", .bool)
        let isPadded = builder.local("pad", .bool)
        let tap = builder.local("tap", fold.state)
        let load = x.load(
          Array(position.prefix(2)) + at, when: .local(isInside), otherwise: .zero(input.element))
        let next = fold.step(.register(state, []), .local(tap))
        return [
          .let(isInside, within(at, from: { _ in 0 }, to: { $0.input })),
          .let(isPadded, within(at, from: { -$0.padBegin }, to: { $0.input + $0.padEnd })),
          .let(tap, .convert(load, fold.state, .plain)),
          .set(state, [], .select(.local(isInside), next, .register(state, []))),
          .set(
            inside, [], Expr.register(inside, []).plus(.convert(.local(isInside), .i64, .plain))),
          .set(
            padded, [], Expr.register(padded, []).plus(.convert(.local(isPadded), .i64, .plain))),
        ]
      }
      let result = fold.finish(
        .register(state, []), .convert(.register(inside, []), fold.state, .plain),
        .convert(.register(padded, []), fold.state, .plain))
      return [
        .registers(state, initial: fold.initial), .registers(inside, initial: .zero(.i64)),
        .registers(padded, initial: .zero(.i64)),
      ] + loops
        + (try sink.store(.convert(result, input.element, .plain), at: position, builder))
    }
    context.launch("direct_pool", builder, body, note: "every tap is checked against the edges")
  }

  private func within(
    _ position: [IndexExpr], from low: (WindowAxis) -> IndexExpr, to high: (WindowAxis) -> IndexExpr
  ) -> Expr {
    var condition = Expr.integer(1, .bool)
    for (axis, at) in zip(axes, position) {
      condition = .binary(
        .and, condition, .compare(.greaterOrEqual, .index(at), .index(low(axis))))
      condition = .binary(.and, condition, .compare(.less, .index(at), .index(high(axis))))
    }
    return condition
  }
}
