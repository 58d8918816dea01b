package import Diagnostics
import Loops
package import Ops
import Tensors

extension LRN: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let element = try context.element(0)
    let state: ElementType = element == .f64 ? .f64 : .f32
    let input = try context.plain(0)
    let sink = try context.output()
    let builder = context.builder()
    let x = builder.view(input)
    let before = IndexExpr((size - 1) / 2)
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let sum = builder.registers("sum", state)
      let channel = position[1]
      let first = IndexExpr.max(0, channel - before)
      let last = IndexExpr.min(shape[1], channel - before + IndexExpr(size))
      let loop = try builder.loop("c", last - first) { index in
        var place = position
        place[1] = first + index
        let value = Expr.convert(x.load(place), state, .plain)
        return [.set(sum, [], Expr.fma(value, value, .register(sum, [])))]
      }
      let base = Expr.register(sum, []).times(alpha / Double(size)).plus(bias)
      let divisor = Expr.binary(.pow, base, .constant(beta, state))
      let value = Expr.convert(x.load(position), state, .plain).divided(by: divisor)
      return [.registers(sum, initial: .zero(state))] + loop
        + (try sink.store(.convert(value, element, .plain), at: position, builder))
    }
    context.launch("lrn", builder, body, work: shape.reduce(IndexExpr(size + 20), *))
  }
}
