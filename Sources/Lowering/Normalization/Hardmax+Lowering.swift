package import Diagnostics
import Loops
package import Ops
import Tensors

extension Hardmax: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let element = try context.element(0)
    let axes = try laneAxes(rank: shape.count)
    let state: ElementType = element == .f64 ? .f64 : .f32
    try LaneRewrite(shape: shape, axes: axes).lower(context, "hardmax", into: context.output()) {
      builder, count, load, store throws(Diagnostic) in
      let best = builder.registers("best", state)
      let at = builder.registers("at", .i64)
      let search = try builder.loop("k", count) { index in
        let x = builder.local("x", state)
        let isFirst = Expr.compare(.equal, .index(index), .zero(.i64))
        let wins = builder.local("wins", .bool)
        let beats = Expr.compare(.greater, .local(x), .register(best, []))
        return [
          .let(x, load(index).converted(to: state)),
          .let(wins, .binary(.or, isFirst, beats)),
          .set(best, [], .select(.local(wins), .local(x), .register(best, []))),
          .set(at, [], .select(.local(wins), .index(index), .register(at, []))),
        ]
      }
      let write = try builder.loop("k", count) { index throws(Diagnostic) in
        let isIt = Expr.compare(.equal, .index(index), .register(at, []))
        return try store(.select(isIt, .constant(1, element), .zero(element)), index)
      }
      return [.registers(best, initial: .zero(state)), .registers(at, initial: .zero(.i64))]
        + search + write
    }
  }
}
