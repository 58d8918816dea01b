package import Diagnostics
import Loops
package import Ops
import Tensors

extension Softmax: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    try SoftmaxKernel(isLogarithmic: false).lower(self, context)
  }
}

extension LogSoftmax: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    try SoftmaxKernel(isLogarithmic: true).lower(self, context)
  }
}

/// Softmax along neighbouring axes: the maximum first, so that no exponential overflows, then the sum, then the result.
///
/// Exponentials of a row are kept in scratch memory; a row too long for that is computed twice.
private struct SoftmaxKernel {
  let isLogarithmic: Bool

  private static let longestKept = 8192

  func lower(_ op: any SoftmaxOp, _ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let element = try context.element(0)
    let axes = try op.laneAxes(rank: shape.count)
    let outer = shape[..<axes.lowerBound].reduce(1, *)
    let count = shape[axes].reduce(1, *)
    let inner = shape[axes.upperBound...].reduce(1, *)
    let flat = try context.plain(0).reshaped(to: [outer, count, inner])
    let sink = try context.output()
    let builder = context.builder()
    let x = builder.view(flat)
    let state: ElementType = element == .f64 ? .f64 : .f32
    let lanes = context.target.lanes(.f32)
    // Where one element is left inside, lanes share a row; otherwise each lane has a row of its own.
    let body: [Statement]
    if inner == 1 {
      body = try builder.loop("i", outer, .parallel) { row throws(Diagnostic) in
        try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
          lane throws(Diagnostic) in
          try shared(builder, x, sink, shape, row, count, lane, lanes, state)
        }
      }
    } else {
      body = try builder.loop("i", outer, .parallel) { row throws(Diagnostic) in
        try builder.loop("j", inner, .vector(lanes: lanes)) { column throws(Diagnostic) in
          try own(builder, x, sink, shape, row, count, column, inner, state)
        }
      }
    }
    context.launch("softmax", builder, body, work: shape.reduce(20, *))
  }

  private func shared(
    _ builder: KernelBuilder, _ x: View, _ sink: Sink, _ shape: [IndexExpr], _ row: IndexExpr,
    _ count: IndexExpr, _ lane: IndexExpr, _ lanes: Int, _ state: ElementType
  ) throws(Diagnostic) -> [Statement] {
    let sweep = LaneSweep(count: count, lanes: lanes)
    let lowest = Expr.float(-.infinity, state)
    func load(_ index: IndexExpr, _ isInside: Expr?) -> Expr {
      guard let isInside else { return .convert(x.load([row, index, 0]), state, .plain) }
      let none = Expr.float(-.infinity, x.element)
      return .convert(x.load([row, index, 0], when: isInside, otherwise: none), state, .plain)
    }
    let kept: Buffer? =
      count.value.flatMap { $0 <= Self.longestKept && !isLogarithmic ? $0 : nil }.map {
        builder.scratch(state, [($0 + lanes - 1) / lanes * lanes])
      }
    let largest = builder.registers("max", state)
    let sum = builder.registers("sum", state)
    let (top, total) = (builder.local("m", state), builder.local("s", state))
    var body: [Statement] = [
      .registers(largest, initial: lowest), .registers(sum, initial: .zero(state)),
    ]
    body += try sweep(builder, lane) { index, isInside in
      [.set(largest, [], .binary(.max, .register(largest, []), load(index, isInside)))]
    }
    body.append(.let(top, .reduceLanes(.max, .register(largest, []))))
    body += try sweep(builder, lane) { index, isInside in
      let power = builder.local("e", state)
      let value = load(index, isInside).minus(.local(top)).shareOfLargest
      return [
        .let(power, value), .set(sum, [], Expr.register(sum, []).plus(.local(power))),
      ] + (kept.map { [.store($0, [index], .local(power))] } ?? [])
    }
    body.append(.let(total, .reduceLanes(.add, .register(sum, []))))
    let factor = builder.local("f", state)
    let finished: Expr =
      isLogarithmic
      ? Expr.local(total).apply(.log).plus(.local(top))
      : Expr.constant(1, state).divided(by: .local(total))
    body.append(.let(factor, finished))
    body += try sweep(builder, lane) { index, isInside throws(Diagnostic) in
      let result: Expr
      if isLogarithmic {
        result = load(index, isInside).minus(.local(factor))
      } else if let kept {
        result = Expr.load(kept, [index]).times(.local(factor))
      } else {
        result = load(index, isInside).minus(.local(top)).shareOfLargest.times(.local(factor))
      }
      let position = delinearize(row * count + index, shape)
      let stores = try sink.store(.convert(result, x.element, .plain), at: position, builder)
      return stores.map { guarded($0, by: isInside) }
    }
    return body
  }

  private func own(
    _ builder: KernelBuilder, _ x: View, _ sink: Sink, _ shape: [IndexExpr], _ row: IndexExpr,
    _ count: IndexExpr, _ column: IndexExpr, _ inner: IndexExpr, _ state: ElementType
  ) throws(Diagnostic) -> [Statement] {
    let largest = builder.registers("max", state)
    let sum = builder.registers("sum", state)
    func load(_ index: IndexExpr) -> Expr {
      .convert(x.load([row, index, column]), state, .plain)
    }
    var body: [Statement] = [
      .registers(largest, initial: .float(-.infinity, state)),
      .registers(sum, initial: .zero(state)),
    ]
    body += try builder.loop("k", count) { index in
      [.set(largest, [], .binary(.max, .register(largest, []), load(index)))]
    }
    body += try builder.loop("k", count) { index in
      let power = load(index).minus(.register(largest, [])).shareOfLargest
      return [.set(sum, [], Expr.register(sum, []).plus(power))]
    }
    return body
      + (try builder.loop("k", count) { index throws(Diagnostic) in
        let shifted = load(index).minus(.register(largest, []))
        let result =
          isLogarithmic
          ? shifted.minus(Expr.register(sum, []).apply(.log))
          : shifted.shareOfLargest.divided(by: .register(sum, []))
        let position = delinearize((row * count + index) * inner + column, shape)
        return try sink.store(.convert(result, x.element, .plain), at: position, builder)
      })
  }
}

extension Expr {
  /// `exp` of a distance below the largest element of a row, zero where it would be subnormal in f32.
  ///
  /// Masks of attention are such distances. Products with subnormal numbers take a processor 20 times as long and
  /// more, for shares that are below any rounding of the others.
  var shareOfLargest: Expr {
    guard type == .f32 else { return apply(.exp) }
    // The logarithm of the smallest normal number is -87.34.
    return .select(isLess(than: -87.3), .zero(.f32), apply(.exp))
  }
}

/// A store that happens only where a condition holds; other statements as they are.
func guarded(_ statement: Statement, by condition: Expr?) -> Statement {
  guard let condition, case .store(let buffer, let position, let value) = statement else {
    return statement
  }
  return .storeIf(condition, buffer, position, value)
}
