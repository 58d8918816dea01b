package import Diagnostics
import Loops
package import Ops
import Tensors

extension LpNormalization: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    guard !shape.isEmpty else {
      throw Diagnostic("shape.rank", "input is a scalar, expected rank 1 or more")
    }
    let element = try context.element(0)
    let place = axis < 0 ? axis + shape.count : axis
    let state: ElementType = element == .f64 ? .f64 : .f32
    let norm = Norm(order: p)
    try LaneRewrite(shape: shape, axes: place..<place + 1).lower(
      context, "lp_norm", into: context.output()
    ) {
      builder, count, load, store throws(Diagnostic) in
      let sum = builder.registers("sum", state)
      let divisor = builder.local("norm", state)
      let loop = try builder.loop("k", count) { index in
        let power = norm.power(load(index).converted(to: state))
        return [.set(sum, [], Expr.register(sum, []).plus(power))]
      }
      let root = norm.root(.register(sum, []))
      let isZero = Expr.compare(.equal, root, .zero(state))
      let write = try builder.loop("k", count) { index throws(Diagnostic) in
        let result = load(index).converted(to: state).divided(by: .local(divisor))
        return try store(result.converted(to: element), index)
      }
      return [.registers(sum, initial: .zero(state))] + loop
        + [.let(divisor, .select(isZero, .constant(1, state), root))] + write
    }
  }
}

/// The pieces of a p-norm, `(sum |x|^p)^(1/p)`.
struct Norm: Sendable {
  let order: Int

  func power(_ x: Expr) -> Expr {
    switch order {
    case 1: x.apply(.abs)
    case 2: x.times(x)
    default: .binary(.pow, x.apply(.abs), x.number(Double(order)))
    }
  }

  func root(_ sum: Expr) -> Expr {
    switch order {
    case 1: sum
    case 2: sum.apply(.sqrt)
    default: .binary(.pow, sum, sum.number(1 / Double(order)))
    }
  }
}
