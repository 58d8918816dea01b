package import Diagnostics
import Loops
package import Ops
import Tensors

extension NegativeLogLikelihoodLoss: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    try form.lower(context, logs: context.plain(0))
  }
}

extension SoftmaxCrossEntropyLoss: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let scores = try context.plain(0)
    let state: ElementType = scores.element == .f64 ? .f64 : .f32
    let logs =
      try context.hasOutput(1)
      ? context.output(1).placed : context.temporary(scores.element, scores.shape)
    try LaneRewrite(shape: scores.shape, axes: 1..<2).lower(
      context, "log_softmax", into: Sink(placed: logs, epilogue: nil)
    ) { builder, count, load, store throws(Diagnostic) in
      let (top, sum) = (builder.registers("max", state), builder.registers("sum", state))
      let shift = builder.local("shift", state)
      let first = try builder.loop("k", count) { index in
        [.set(top, [], .binary(.max, .register(top, []), load(index).converted(to: state)))]
      }
      let second = try builder.loop("k", count) { index in
        let power = load(index).converted(to: state).minus(.register(top, [])).apply(.exp)
        return [.set(sum, [], Expr.register(sum, []).plus(power))]
      }
      let third = try builder.loop("k", count) { index throws(Diagnostic) in
        let result = load(index).converted(to: state).minus(.local(shift))
        return try store(result.converted(to: scores.element), index)
      }
      return [
        .registers(top, initial: .float(-.infinity, state)), .registers(sum, initial: .zero(state)),
      ] + first + second
        + [.let(shift, Expr.register(sum, []).apply(.log).plus(.register(top, [])))] + third
    }
    try form.lower(context, logs: logs)
  }
}

extension ClassLoss {
  /// The loss of log-probabilities: input 1 holds the targets, input 2 the weights of the classes.
  func lower(_ context: NodeLowering, logs: Placed) throws(Diagnostic) {
    let targets = try context.plain(1)
    let weights = context.hasInput(2) ? try context.plain(2) : nil
    let element = logs.element
    let state: ElementType = element == .f64 ? .f64 : .f32
    try context.require(1, [logs.shape[0]] + Array(logs.shape.dropFirst(2)))
    if weights != nil { try context.require(2, [logs.shape[1]]) }
    let sink = try context.output()
    func entry(
      _ builder: KernelBuilder, _ position: [IndexExpr]
    ) -> (statements: [Statement], loss: Expr, share: Expr) {
      let target = builder.local("target", .i64)
      let load = builder.view(targets).load(position).converted(to: .i64)
      let (statements, place) = clampedIndex(builder, .local(target), logs.shape[1])
      let ignored = Expr.integer(Int64(ignoreIndex ?? 0), .i64)
      let counts =
        ignoreIndex == nil
        ? Expr.integer(1, .bool) : Expr.compare(.notEqual, .local(target), ignored)
      let weight =
        weights.map { builder.view($0).load([place]).converted(to: state) } ?? .constant(1, state)
      let share = builder.local("share", state)
      let source = [position[0], place] + position.dropFirst()
      let log = builder.view(logs).load(source).converted(to: state)
      let loss = Expr.select(
        counts, Expr.zero(state).minus(log).times(.local(share)), .zero(state))
      return (
        [.let(target, load)] + statements + [.let(share, .select(counts, weight, .zero(state)))],
        loss, .local(share)
      )
    }
    if reduction == .none {
      let builder = context.builder()
      let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
        let (statements, loss, _) = entry(builder, position)
        return statements + (try sink.store(loss.converted(to: element), at: position, builder))
      }
      return context.launch("class_loss", builder, body, work: targets.shape.reduce(8, *))
    }
    let isMean = reduction == .mean
    try context.forEach("class_loss", []) { builder, _ throws(Diagnostic) in
      let (sum, total) = (builder.registers("sum", state), builder.registers("total", state))
      let loops = try Nest.axes(targets.shape, .serial, builder) { position in
        let (statements, loss, share) = entry(builder, position)
        return statements + [
          .set(sum, [], Expr.register(sum, []).plus(loss)),
          .set(total, [], Expr.register(total, []).plus(share)),
        ]
      }
      let result =
        isMean ? Expr.register(sum, []).divided(by: .register(total, [])) : .register(sum, [])
      return [.registers(sum, initial: .zero(state)), .registers(total, initial: .zero(state))]
        + loops + (try sink.store(result.converted(to: element), at: [], builder))
    }
  }
}
