import Diagnostics
import Loops
import Ops
import Tensors

/// Batch normalization in training: statistics of the batch, one channel after the other, then the result and the
/// running statistics.
struct BatchStatistics {
  let op: BatchNormalization

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = input.shape
    guard op.spatial, shape.count >= 2 else {
      throw .unsupported(
        "lowering.batch-norm-per-element", "statistics per element have no native code yet")
    }
    let state: ElementType = input.element == .f64 ? .f64 : .f32
    let parameters = try (1..<5).map { index throws(Diagnostic) in try context.plain(index) }
    let sink = try context.output()
    let running = try (1...2).map { index throws(Diagnostic) in
      context.hasOutput(index) ? try context.output(index).placed : nil
    }
    let groups = AxisGroups(shape, reduced: shape.indices.map { $0 != 1 })
    let size = Expr.convert(.index(groups.count), state, .plain)
    try context.forEach("batch_statistics", [shape[1]], work: shape.reduce(8, *)) {
      builder, place throws(Diagnostic) in
      let position = shape.indices.map { $0 == 1 ? place[0] : IndexExpr(0) }
      func x(_ source: [IndexExpr]) -> Expr {
        builder.view(input).load(source).converted(to: state)
      }
      func parameter(_ index: Int) -> Expr {
        builder.view(parameters[index]).load(place).converted(to: state)
      }
      let (sum, squares) = (builder.registers("sum", state), builder.registers("squares", state))
      let (mean, variance) = (builder.local("mean", state), builder.local("variance", state))
      let factor = builder.local("factor", state)
      let first = try groups.visit(builder, position) { source in
        [.set(sum, [], Expr.register(sum, []).plus(x(source)))]
      }
      let second = try groups.visit(builder, position) { source in
        let distance = builder.local("d", state)
        let square = Expr.fma(.local(distance), .local(distance), .register(squares, []))
        return [.let(distance, x(source).minus(.local(mean))), .set(squares, [], square)]
      }
      let third = try groups.visit(builder, position) { source throws(Diagnostic) in
        let y = x(source).minus(.local(mean)).times(.local(factor)).plus(parameter(1))
        return try sink.store(y.converted(to: input.element), at: source, builder)
      }
      var blends: [Statement] = []
      for (number, found) in [mean, variance].enumerated() {
        guard let target = running[number] else { continue }
        let blend = parameter(2 + number).times(op.momentum)
          .plus(Expr.local(found).times(1 - op.momentum))
        blends.append(
          builder.view(target, isWritten: true).store(
            blend.converted(to: target.element), at: place))
      }
      let deviation = Expr.local(variance).plus(op.epsilon).apply(.sqrt)
      return [.registers(sum, initial: .zero(state)), .registers(squares, initial: .zero(state))]
        + first + [.let(mean, Expr.register(sum, []).divided(by: size))] + second
        + [
          .let(variance, Expr.register(squares, []).divided(by: size)),
          .let(factor, parameter(0).divided(by: deviation)),
        ] + third + blends
    }
  }
}
