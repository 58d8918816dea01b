import Diagnostics
import Loops
import Ops
import Tensors

/// The three steps of an attention: products of queries and keys, a softmax over each row, sums of values.
///
/// Half precisions round where the standard's function body does; the steps themselves run in single precision.
struct AttentionKernels {
  let op: Attention
  let geometry: AttentionGeometry
  let context: NodeLowering
  let element: ElementType

  /// The type of the scores in memory.
  var state: ElementType { element == .f64 ? .f64 : .f32 }

  /// Whether the softmax rounds after every addition in a block, as `HalfRounding` does for this type.
  private var roundsEverySum: Bool { element == .bf16 }

  var perKey: IndexExpr {
    guard geometry.keyHeads != 0, geometry.heads != geometry.keyHeads else { return 1 }
    return IndexExpr.max(1, geometry.heads.floorDiv(geometry.keyHeads))
  }

  /// The value as the standard's function body would keep it between two of its operators.
  private func rounded(_ value: Expr) -> Expr {
    element == state ? value : value.converted(to: element).converted(to: state)
  }

  /// The square root of the magnitude of the scale, which both operands of the product take.
  private var factor: Expr {
    if let scale = op.scale { return rounded(.constant(scale.magnitude.squareRoot(), state)) }
    if let size = geometry.size.value {
      return rounded(.constant((1 / Double(size).squareRoot()).squareRoot(), state))
    }
    let root = Expr.index(geometry.size).converted(to: state).apply(.sqrt)
    return rounded(Expr.constant(1, state).divided(by: root).apply(.sqrt))
  }

  /// Writes masked scores `[N, heads, S, total]`.
  func score(_ queries: CachedHeads, _ keys: CachedHeads, _ scores: Placed) throws(Diagnostic) {
    let sign = (op.scale ?? 1) < 0 ? -1.0 : 1
    let mask = context.hasInput(3) ? try context.plain(3) : nil
    if let mask { try geometry.checkMask(mask.shape) }
    let lengths = context.hasInput(6) ? try context.plain(6) : nil
    let shown = op.scoresMode < 3 && context.hasOutput(3) ? try context.output(3).placed : nil
    try product(
      depth: geometry.size, columns: geometry.total,
      left: { builder in
        { batch, m, k in
          let value = queries.load(builder, batch[0], batch[1], m, k).converted(to: state)
          return rounded(value.times(factor)).times(sign)
        }
      },
      right: { builder in
        { batch, k, n in
          let head = batch[1].floorDiv(perKey)
          let value = keys.load(builder, batch[0], head, n, k).converted(to: state)
          return rounded(value.times(factor))
        }
      },
      finish: { builder, batch, m, n, sum in
        let position = batch + [m, n]
        func show(_ mode: Int, _ value: Local) -> [Statement] {
          guard let shown, op.scoresMode == mode else { return [] }
          let result = Expr.local(value).converted(to: shown.element)
          return [builder.view(shown, isWritten: true).store(result, at: position)]
        }
        let (raw, capped) = (builder.local("raw", state), builder.local("capped", state))
        let final = builder.local("score", state)
        let squashed = Expr.local(raw).times(1 / op.softcap).apply(.tanh).times(op.softcap)
        let bias = self.bias(builder, position, mask, lengths)
        return [.let(raw, rounded(sum))] + show(0, raw)
          + [.let(capped, op.softcap > 0 ? rounded(squashed) : .local(raw))] + show(1, capped)
          + [.let(final, rounded(bias.map { Expr.local(capped).plus($0) } ?? .local(capped)))]
          + show(2, final)
          + [builder.view(scores, isWritten: true).store(.local(final), at: position)]
      })
  }

  /// The factor of the product of a query and a key whose size is known.
  var scale: Double { op.scale ?? 1 / Double(geometry.size.value ?? 1).squareRoot() }

  /// A score at `position` of `[N, heads, S, total]` from the scaled product, in single precision.
  ///
  /// - Parameter isPadded: whether the position may be one beyond the last key, for which the score means nothing.
  func masked(
    _ builder: KernelBuilder, _ position: [IndexExpr], _ product: Expr, isPadded: Bool
  ) throws(Diagnostic) -> (statements: [Statement], score: Expr) {
    let mask = context.hasInput(3) ? try context.plain(3) : nil
    let lengths = context.hasInput(6) ? try context.plain(6) : nil
    let raw = builder.local("raw", .f32)
    let squashed = Expr.local(raw).times(1 / op.softcap).apply(.tanh).times(op.softcap)
    let capped = op.softcap > 0 ? squashed : .local(raw)
    let bias = self.bias(builder, position, mask, lengths, isPadded: isPadded)
    return ([.let(raw, product)], bias.map { capped.plus($0) } ?? capped)
  }

  /// What is added to a score: the mask, and minus infinity where a query may not look; nil for nothing.
  private func bias(
    _ builder: KernelBuilder, _ position: [IndexExpr], _ mask: Placed?, _ lengths: Placed?,
    isPadded: Bool = false
  ) -> Expr? {
    let hidden = Expr.float(-.infinity, state)
    let (row, column) = (position[2], position[3])
    var bias: Expr?
    if let mask { bias = self.mask(builder, position, mask, hidden, isPadded) }
    func hide(where condition: Expr) {
      bias = .select(condition, hidden, bias ?? .zero(state))
    }
    let length = lengths.map { builder.view($0).load([position[0]]).converted(to: .i64) }
    if let length { hide(where: .compare(.greaterOrEqual, .index(column), length)) }
    guard op.isCausal || op.leftWindow >= 0 || op.rightWindow >= 0 else { return bias }
    var place = Expr.index(row + geometry.past)
    if !context.hasInput(4), let length {
      place = Expr.index(row - geometry.queries).plus(length)
    }
    let ahead = Expr.index(column).minus(place)
    if op.isCausal { hide(where: ahead.isGreater(than: 0)) }
    if op.leftWindow >= 0 { hide(where: ahead.isLess(than: -Double(op.leftWindow))) }
    if op.rightWindow >= 0 { hide(where: ahead.isGreater(than: Double(op.rightWindow))) }
    return bias
  }

  private func mask(
    _ builder: KernelBuilder, _ position: [IndexExpr], _ mask: Placed, _ hidden: Expr,
    _ isPadded: Bool
  ) -> Expr {
    let view = builder.view(mask)
    guard let width = mask.shape.last else {
      let value = view.load([])
      return mask.element == .bool
        ? .select(value, .zero(state), hidden) : value.converted(to: state)
    }
    var place = broadcastPosition(position, to: mask.shape, of: geometry.scores)
    place[place.count - 1] = position[3]
    // A mask for fewer keys hides the rest.
    let isCovered: Expr? =
      width == geometry.total && !isPadded
      ? nil : .compare(.less, .index(position[3]), .index(width))
    var value = view.load(place)
    if let isCovered { value = view.load(place, when: isCovered, otherwise: .zero(mask.element)) }
    let added =
      mask.element == .bool
      ? Expr.select(value, .zero(state), hidden) : value.converted(to: state)
    return isCovered.map { .select($0, added, hidden) } ?? added
  }

  /// Turns every row of scores into probabilities in place; a row that shows nothing becomes zeros.
  func normalize(_ scores: Placed) throws(Diagnostic) {
    let shown = op.scoresMode == 3 && context.hasOutput(3) ? try context.output(3).placed : nil
    let total = geometry.total
    let rows = geometry.scores.dropLast().reduce(1, *)
    let builder = context.builder()
    let view = builder.view(scores.reshaped(to: [rows, total]), isWritten: true)
    let lanes = context.target.lanes(.f32)
    let sweep = LaneSweep(count: total, lanes: lanes)
    let lowest = Expr.float(-.infinity, state)
    let body = try builder.loop("i", rows, .parallel) { row throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
        lane throws(Diagnostic) in
        let (largest, sum) = (builder.registers("max", state), builder.registers("sum", state))
        let part = builder.registers("part", state)
        let (top, share) = (builder.local("top", state), builder.local("share", state))
        func load(_ index: IndexExpr, _ isInside: Expr?) -> Expr {
          isInside.map { view.load([row, index], when: $0, otherwise: lowest) }
            ?? view.load([row, index])
        }
        // A row of minus infinities is taken off zero, so that every power is zero.
        let maximum = Expr.reduceLanes(.max, .register(largest, []))
        let isNothing = Expr.compare(.equal, maximum, lowest)
        let first = try sweep(builder, lane) { index, isInside in
          [.set(largest, [], .binary(.max, .register(largest, []), load(index, isInside)))]
        }
        let second =
          try roundsEverySum
          ? builder.loop("k", total) { index in
            let power = rounded(rounded(load(index, nil).minus(.local(top))).apply(.exp))
            let isFirst = Expr.compare(
              .equal, .index(index.mod(IndexExpr(HalfRounding.blockLength))), .index(0))
            let ended = Expr.select(isFirst, .register(part, []), .zero(state))
            let begun = Expr.select(isFirst, .zero(state), .register(part, []))
            return [
              .set(sum, [], Expr.register(sum, []).plus(ended)),
              .set(part, [], rounded(begun.plus(power))),
            ]
          }
          : sweep(builder, lane) { index, isInside in
            let power = rounded(rounded(load(index, isInside).minus(.local(top))).apply(.exp))
            return [.set(sum, [], Expr.register(sum, []).plus(power))]
          }
        let third = try sweep(builder, lane) { index, isInside in
          let power = rounded(rounded(load(index, isInside).minus(.local(top))).apply(.exp))
          let result = builder.local("p", state)
          var stores = [
            Statement.let(result, rounded(power.divided(by: .local(share)))),
            guarded(view.store(.local(result), at: [row, index]), by: isInside),
          ]
          if let shown {
            let target = builder.view(shown.reshaped(to: [rows, total]), isWritten: true)
            let value = Expr.local(result).converted(to: shown.element)
            stores.append(guarded(target.store(value, at: [row, index]), by: isInside))
          }
          return stores
        }
        let added = rounded(
          roundsEverySum
            ? Expr.register(sum, []).plus(.register(part, []))
            : .reduceLanes(.add, .register(sum, [])))
        let isEmpty = Expr.compare(.equal, added, .zero(state))
        return [.registers(largest, initial: lowest), .registers(sum, initial: .zero(state))]
          + (roundsEverySum ? [.registers(part, initial: .zero(state))] : [])
          + first + [.let(top, .select(isNothing, .zero(state), maximum))] + second
          + [.let(share, .select(isEmpty, .constant(1, state), added))] + third
      }
    }
    context.launch("attention_softmax", builder, body, work: geometry.scores.reduce(20, *))
  }

  /// Probabilities times values, in the form of the query.
  func combine(_ scores: Placed, _ values: CachedHeads) throws(Diagnostic) {
    let sink = try context.output()
    let isFlat = sink.shape.count == 3
    try product(
      depth: geometry.total, columns: geometry.valueSize,
      left: { builder in { batch, m, k in builder.view(scores).load(batch + [m, k]) } },
      right: { builder in
        { batch, k, n in
          let head = batch[1].floorDiv(perKey)
          return values.load(builder, batch[0], head, k, n).converted(to: state)
        }
      },
      finish: { builder, batch, m, n, sum throws(Diagnostic) in
        let position =
          isFlat ? [batch[0], m, batch[1] * geometry.valueSize + n] : batch + [m, n]
        return try sink.store(sum.converted(to: element), at: position, builder)
      })
  }

  /// A product for every head, in tiles where types and sizes allow.
  private func product(
    depth: IndexExpr, columns: IndexExpr,
    left: @escaping (KernelBuilder) -> ([IndexExpr], IndexExpr, IndexExpr) -> Expr,
    right: @escaping (KernelBuilder) -> ([IndexExpr], IndexExpr, IndexExpr) -> Expr,
    finish:
      @escaping (
        KernelBuilder, [IndexExpr], IndexExpr, IndexExpr, Expr
      ) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) {
    let batch = [geometry.batch, geometry.heads]
    if state == .f32, let width = columns.value, width > 0 {
      return try MatrixMultiply(
        batch: batch, rows: geometry.queries, depth: depth, columns: width, left: left,
        right: .loaded(right), constants: SumConstants(), finish: finish
      ).lower(context)
    }
    try DirectProduct(
      batch: batch, rows: geometry.queries, depth: depth, columns: columns, element: state,
      left: left, right: right, finish: finish
    ).lower(context)
  }
}
