package import Diagnostics
import IR
import Loops
package import Ops
import Tensors

extension ReduceLogSumExp: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let element = try context.element(0)
    let axes = context.hasInput(1) ? context.inference.integers(1) : []
    let reduced = try axes.map { axes throws(Diagnostic) in
      try form.reduced(axes, rank: shape.count)
    }
    let isNarrow = element == .f16 || element == .bf16 || element == .f32
    let state: ElementType = isNarrow ? .f32 : .f64
    try GroupReduction(form: form).lower(context, reduced: reduced, state: state) {
      builder, _, visit throws(Diagnostic) in
      let (top, sum) = (builder.registers("max", state), builder.registers("sum", state))
      let first = try visit { x in
        [.set(top, [], .binary(.max, .register(top, []), x))]
      }
      let second = try visit { x in
        [.set(sum, [], Expr.register(sum, []).plus(x.minus(.register(top, [])).apply(.exp)))]
      }
      // An infinite maximum is the result; its difference from itself is no number.
      let finite = Expr.register(top, []).plus(Expr.register(sum, []).apply(.log))
      let isInfinite = Expr.register(top, []).apply(.isInf)
      return (
        [
          .registers(top, initial: .float(-.infinity, state)),
          .registers(sum, initial: .zero(state)),
        ]
          + first + second,
        .select(isInfinite, .register(top, []), finite)
      )
    }
  }
}
