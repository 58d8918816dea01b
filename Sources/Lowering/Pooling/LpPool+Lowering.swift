package import Diagnostics
import Loops
package import Ops
import Tensors

extension LpPool: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let geometry = try geometry(x: context.shape(0))
    let state: ElementType = try context.element(0) == .f64 ? .f64 : .f32
    let norm = Norm(order: p)
    try DirectPool(
      axes: geometry.axes, input: context.plain(0), sink: context.output(),
      fold: .init(
        initial: .zero(state), state: state, step: { $0.plus(norm.power($1)) },
        finish: { sum, _, _ in norm.root(sum) })
    ).lower(context)
  }
}

extension GlobalLpPool: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let norm = Norm(order: p)
    try lowerGlobalPool(context) { state in
      .sum(state, prepare: { norm.power($0) }, finish: { sum, _ in norm.root(sum) })
    }
  }
}
