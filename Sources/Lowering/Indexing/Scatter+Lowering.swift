package import Diagnostics
import Loops
package import Ops
import Tensors

extension ScatterElements: Lowerable {
  /// Elements behind the axis that one thread takes at a time.
  private static let chunk = IndexExpr(256)

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let place = axis < 0 ? axis + shape.count : axis
    let (indices, updates) = try (context.plain(1), context.plain(2))
    guard indices.shape.count == shape.count, shape.indices.contains(place) else {
      throw Diagnostic(
        "shape.rank-mismatch", "indices \(indices.shape) do not fit data of shape \(shape)")
    }
    try context.require(2, indices.shape)
    for axis in shape.indices where axis != place {
      try context.require(1, axis: axis, .atMost, shape[axis])
    }
    let isWhole = shape.indices.allSatisfy { $0 == place || shape[$0] == indices.shape[$0] }
    if isWhole, place + 1 < shape.count {
      try lowerSlices(context, shape, place, indices, updates)
    } else {
      try lowerLines(context, shape, place, indices, updates)
    }
  }

  /// Along the last axis, or where indices are fewer than elements: one line along the axis after the other.
  private func lowerLines(
    _ context: NodeLowering, _ shape: [IndexExpr], _ place: Int, _ indices: Placed,
    _ updates: Placed
  ) throws(Diagnostic) {
    // Only updates along the axis can meet the same element: they stay in order on one thread.
    var others = indices.shape
    let along = others.remove(at: place)
    try ScatterCopy(reduction: reduction).lower(context, "scatter_elements", others) {
      builder, result, outer throws(Diagnostic) in
      try builder.loop("k", along) { step in
        var source = outer
        source.insert(step, at: place)
        let load = builder.view(indices).load(source)
        let (statements, index) = clampedIndex(builder, load, shape[place])
        var target = source.enumerated().map { axis, index in
          // Indices may be fewer than elements, not more.
          (shape[axis] - indices.shape[axis]).lowerBound ?? -1 >= 0
            ? index : IndexExpr.min(index, shape[axis] - 1)
        }
        target[place] = index
        return statements
          + [reduction.combine(result, target, builder.view(updates).load(source))]
      }
    }
  }

  /// Elements behind the axis lie side by side in all tensors: they go in lanes.
  private func lowerSlices(
    _ context: NodeLowering, _ shape: [IndexExpr], _ place: Int, _ indices: Placed,
    _ updates: Placed
  ) throws(Diagnostic) {
    func slices(_ placed: Placed) -> Placed {
      let inner = placed.shape[(place + 1)...].reduce(1, *)
      return placed.reshaped(
        to: [placed.shape[..<place].reduce(1, *), placed.shape[place], inner])
    }
    let (places, values) = (slices(indices), slices(updates))
    let (along, inner) = (places.shape[1], places.shape[2])
    let pieces = inner.ceilDiv(Self.chunk)
    try ScatterCopy(reduction: reduction).lower(
      context, "scatter_elements", [places.shape[0], pieces]
    ) { builder, result, outer throws(Diagnostic) in
      let target = builder.view(slices(result.placed), isWritten: true)
      // Updates of one element stay in order.
      return try builder.loop("k", along) { step in
        let variable = builder.index("i", inner)
        let source = [outer[0], step, IndexExpr(variable)]
        let (statements, index) = clampedIndex(
          builder, builder.view(places).load(source), shape[place])
        let update = builder.view(values).load(source)
        let start = outer[1] * Self.chunk
        return [
          .loop(
            Loop(
              variable, from: start, to: .min(inner, start + Self.chunk),
              .vector(lanes: builder.target.lanes(.f32)),
              body: statements + [
                reduction.combine(target, [outer[0], index, IndexExpr(variable)], update)
              ]))
        ]
      }
    }
  }
}

extension ScatterND: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let (indices, updates) = try (context.plain(1), context.plain(2))
    // Where the length of a tuple is open, the ranks say it.
    let last = indices.shape.count - 1
    let width = last + shape.count - updates.shape.count
    guard last >= 0, (0...shape.count).contains(width) else {
      throw Diagnostic(
        "shape.mismatch",
        "indices \(indices.shape) and updates \(updates.shape) do not fit data of shape \(shape)")
    }
    try context.require(1, axis: last, .equal, IndexExpr(width))
    let tuples = indices.shape.dropLast().reduce(1, *)
    let inner = Array(shape[width...])
    try context.require(2, indices.shape.dropLast() + inner)
    let table = indices.reshaped(to: [tuples, IndexExpr(width)])
    let rows = updates.reshaped(to: [tuples] + inner)
    // Tuples stay in order on one thread; threads share the elements of a slice.
    try ScatterCopy(reduction: reduction).lower(context, "scatter_nd", inner) {
      builder, result, within throws(Diagnostic) in
      try builder.loop("k", tuples) { tuple in
        var statements: [Statement] = []
        var target: [IndexExpr] = []
        for number in 0..<width {
          let load = builder.view(table).load([tuple, IndexExpr(number)])
          let (binding, index) = clampedIndex(builder, load, shape[number])
          statements += binding
          target.append(index)
        }
        let update = builder.view(rows).load([tuple] + within)
        return statements + [reduction.combine(result, target + within, update)]
      }
    }
  }
}

extension TensorScatter: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (cache, update) = try (context.plain(0), context.plain(1))
    let shape = cache.shape
    let place = axis < 0 ? axis + shape.count : axis
    let starts = context.hasInput(2) ? try context.plain(2) : nil
    if starts != nil { try context.require(2, [shape[0]]) }
    for axis in shape.indices where axis != place {
      try context.require(1, axis: axis, .equal, shape[axis])
    }
    try context.require(1, axis: place, .atMost, shape[place])
    let (capacity, length) = (shape[place], update.shape[place])
    let isCircular = isCircular
    // Each element of the result looks for the step that would have written it.
    try Movement.lower(context, into: context.output()) { builder, position in
      let start =
        starts.map { builder.view($0).load([position[0]]).converted(to: .i64) } ?? .zero(.i64)
      var step = Expr.index(position[place]).minus(start)
      if isCircular {
        let rest = Expr.binary(.rem, step, .index(capacity))
        step = .select(rest.isLess(than: 0), rest.plus(.index(capacity)), rest)
      }
      let isInside = Expr.binary(
        .and, .compare(.greaterOrEqual, step, .zero(.i64)),
        .compare(.less, step, .index(length)))
      let last = Expr.index(length).minus(1)
      let safe = Expr.binary(.max, .binary(.min, step, last), .zero(.i64))
      let symbol = builder.computedIndex(
        "step", minimum: 0, maximum: length.upperBound.map { Swift.max(0, $0 - 1) })
      var source = position
      source[place] = IndexExpr(symbol)
      let value = builder.view(update).load(source, when: isInside, otherwise: .zero(cache.element))
      return (
        [.bind(symbol, safe)], .select(isInside, value, builder.view(cache).load(position))
      )
    }
  }
}

/// A copy of input 0 into which updates are then written.
struct ScatterCopy {
  let reduction: ScatterReduction

  /// - Parameters:
  ///   - independent: extents over which threads share the updates.
  ///   - body: the updates of one independent position.
  func lower(
    _ context: NodeLowering, _ family: String, _ independent: [IndexExpr],
    _ body: (KernelBuilder, _ result: View, [IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) {
    let data = try context.plain(0)
    try reduction.require(data.element)
    let sink = try context.output()
    let result =
      sink.isDirect ? sink.placed : context.temporary(data.element, data.shape)
    let whole = Sink(placed: result, epilogue: nil)
    try Movement.lower(context, into: whole) { builder, position in
      builder.view(data).load(position)
    }
    try context.forEach(family, independent) { builder, position throws(Diagnostic) in
      try body(builder, builder.view(result, isWritten: true), position)
    }
    if sink.isDirect { return }
    try Movement.lower(context, into: sink) { builder, position in
      builder.view(result).load(position)
    }
  }
}

extension ScatterReduction {
  /// - Throws: `lowering.element-type` for what has no arithmetic.
  func require(_ type: ElementType) throws(Diagnostic) {
    guard type.bitWidth >= 8, !type.isComplex else {
      throw .unsupported("lowering.element-type", "\(type) elements have no native code yet")
    }
  }

  /// Writes an update to a place, together with what is there already.
  func combine(_ result: View, _ position: [IndexExpr], _ update: Expr) -> Statement {
    let operation: BinaryOp
    switch self {
    case .none: return result.store(update, at: position)
    case .add: operation = result.element == .bool ? .or : .add
    case .mul: operation = result.element == .bool ? .and : .mul
    case .max: operation = .max
    case .min: operation = .min
    }
    let isHalf = result.element == .f16 || result.element == .bf16
    let wide: ElementType = isHalf ? .f32 : result.element
    let value = Expr.binary(
      operation, result.load(position).converted(to: wide), update.converted(to: wide))
    return result.store(value.converted(to: result.element), at: position)
  }
}
