package import Diagnostics
import Loops
package import Ops
import Tensors

extension MeanVarianceNormalization: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = input.shape
    let element = input.element
    let state: ElementType = element == .f64 ? .f64 : .f32
    let places = axes.map { $0 < 0 ? $0 + shape.count : $0 }
    let groups = AxisGroups(shape, reduced: shape.indices.map { places.contains($0) })
    let sink = try context.output()
    let size = Expr.convert(.index(groups.count), state, .plain)
    try context.forEach("mean_variance", groups.kept, work: shape.reduce(8, *)) {
      builder, position throws(Diagnostic) in
      let x = { (source: [IndexExpr]) in builder.view(input).load(source).converted(to: state) }
      let (sum, squares) = (builder.registers("sum", state), builder.registers("squares", state))
      let (mean, deviation) = (builder.local("mean", state), builder.local("deviation", state))
      let first = try groups.visit(builder, position) { source in
        [.set(sum, [], Expr.register(sum, []).plus(x(source)))]
      }
      let second = try groups.visit(builder, position) { source in
        let distance = builder.local("d", state)
        let square = Expr.fma(.local(distance), .local(distance), .register(squares, []))
        return [.let(distance, x(source).minus(.local(mean))), .set(squares, [], square)]
      }
      let third = try groups.visit(builder, position) { source throws(Diagnostic) in
        let result = x(source).minus(.local(mean)).divided(by: .local(deviation))
        return try sink.store(result.converted(to: element), at: source, builder)
      }
      let variance = Expr.register(squares, []).divided(by: size)
      return [.registers(sum, initial: .zero(state)), .registers(squares, initial: .zero(state))]
        + first + [.let(mean, Expr.register(sum, []).divided(by: size))]
        + second + [.let(deviation, variance.apply(.sqrt).plus(1e-9))] + third
    }
  }
}
