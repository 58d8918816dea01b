import Diagnostics
import Loops
import Tensors

/// Folds some axes of a row-major tensor away.
///
/// Where the last axis stays, lanes hold its elements; where it goes, lanes share one row and are folded at the end.
struct AxisReduction {
  let input: Placed
  /// For each axis whether it goes.
  let reduced: [Bool]
  let keepsDimensions: Bool
  let fold: ReductionFold
  /// The type in which the running value is kept.
  let state: ElementType
  let sink: Sink

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(input)
    let kept = input.shape.indices.filter { !reduced[$0] }
    let gone = input.shape.indices.filter { reduced[$0] }
    let count = gone.map { input.shape[$0] }.reduce(1, *)
    let lanes = context.target.lanes(.f32)
    let isRowFolded = reduced.last ?? false
    let body: [Statement]
    if isRowFolded {
      body = try Nest.axes(kept.map { input.shape[$0] }, .parallel, builder) {
        outer throws(Diagnostic) in
        try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
          lane throws(Diagnostic) in
          try rowFold(builder, x, kept, gone, outer, lane, lanes, count)
        }
      }
    } else {
      let outer = kept.dropLast().map { input.shape[$0] }
      let last = kept.last.map { input.shape[$0] } ?? 1
      body = try Nest.axes(outer, .parallel, builder) { outer throws(Diagnostic) in
        try builder.loop("i", last, .vector(lanes: lanes)) { inner throws(Diagnostic) in
          let place = kept.isEmpty ? [] : outer + [inner]
          let value = builder.registers("fold", state)
          let loops = try Nest.axes(gone.map { input.shape[$0] }, .serial, builder) { inside in
            let element = load(x, kept, place, gone, inside)
            return [.set(value, [], .binary(fold.operation, .register(value, []), element))]
          }
          return [.registers(value, initial: fold.initial)] + loops
            + (try finish(builder, .register(value, []), count, place))
        }
      }
    }
    context.launch("reduce", builder, body, work: input.shape.reduce(1, *))
  }

  private func rowFold(
    _ builder: KernelBuilder, _ x: View, _ kept: [Int], _ gone: [Int], _ outer: [IndexExpr],
    _ lane: IndexExpr, _ lanes: Int, _ count: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let value = builder.registers("fold", state)
    let row = input.shape[input.shape.count - 1]
    let sweep = LaneSweep(count: row, lanes: lanes)
    let rows = gone.dropLast().map { input.shape[$0] }
    let loops = try Nest.axes(rows, .serial, builder) { inside throws(Diagnostic) in
      try sweep(builder, lane) { index, isInside in
        let next: Expr
        let position = self.position(kept, outer, gone, inside + [index])
        if let isInside {
          let loaded = x.load(position, when: isInside, otherwise: .zero(input.element))
          let element = fold.prepare(.convert(loaded, state, .plain))
          let folded = Expr.binary(fold.operation, .register(value, []), element)
          next = .select(isInside, folded, .register(value, []))
        } else {
          let element = fold.prepare(.convert(x.load(position), state, .plain))
          next = .binary(fold.operation, .register(value, []), element)
        }
        return [.set(value, [], next)]
      }
    }
    let total = builder.local("total", state)
    return [.registers(value, initial: fold.initial)] + loops
      + [.let(total, .reduceLanes(fold.lanes, .register(value, [])))]
      + (try finish(builder, .local(total), count, outer))
  }

  private func load(
    _ x: View, _ kept: [Int], _ place: [IndexExpr], _ gone: [Int], _ inside: [IndexExpr]
  ) -> Expr {
    fold.prepare(.convert(x.load(position(kept, place, gone, inside)), state, .plain))
  }

  private func position(
    _ kept: [Int], _ place: [IndexExpr], _ gone: [Int], _ inside: [IndexExpr]
  ) -> [IndexExpr] {
    var position = Array(repeating: IndexExpr(0), count: input.shape.count)
    for (axis, index) in zip(kept, place) { position[axis] = index }
    for (axis, index) in zip(gone, inside) { position[axis] = index }
    return position
  }

  private func finish(
    _ builder: KernelBuilder, _ value: Expr, _ count: IndexExpr, _ place: [IndexExpr]
  ) throws(Diagnostic) -> [Statement] {
    var output: [IndexExpr] = []
    var next = 0
    for isReduced in reduced {
      if !isReduced {
        output.append(place[next])
        next += 1
      } else if keepsDimensions {
        output.append(0)
      }
    }
    let result = Expr.convert(fold.finish(value, count), input.element, .plain)
    return try sink.store(result, at: output, builder)
  }
}
