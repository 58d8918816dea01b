package import Diagnostics
import Loops
package import Ops
import Tensors

extension Attention: Lowerable, InPlaceReading {
  package func readsInPlace(input: Int) -> Bool { input < 3 }

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let query = try context.inPlace(0)
    let geometry = try AttentionGeometry(
      query: query.shape, key: context.shape(1), value: context.shape(2),
      pastKey: context.hasInput(4) ? context.shape(4) : nil,
      pastValue: context.hasInput(5) ? context.shape(5) : nil, queryHeads: queryHeads,
      keyHeads: keyHeads)
    try requireSizes(context, geometry)
    let keys = try CachedHeads(
      current: context.inPlace(1), past: context.hasInput(4) ? context.plain(4) : nil,
      heads: geometry.keyHeads)
    let values = try CachedHeads(
      current: context.inPlace(2), past: context.hasInput(5) ? context.plain(5) : nil,
      heads: geometry.keyHeads)
    for (index, heads) in [(1, keys), (2, values)] where context.hasOutput(index) {
      try Movement.lower(context, into: context.output(index)) { builder, position in
        heads.load(builder, position[0], position[1], position[2], position[3])
      }
    }
    let kernels = AttentionKernels(
      op: self, geometry: geometry, context: context, element: query.element)
    let queries = CachedHeads(current: query, past: nil, heads: geometry.heads)
    if let mask = context.hasInput(3) ? try context.shape(3) : nil {
      try geometry.checkMask(mask)
    }
    if let fused = FusedAttention(kernels, queries: queries, keys: keys, values: values) {
      return try fused.lower()
    }
    let scores = context.temporary(kernels.state, geometry.scores)
    try kernels.score(queries, keys, scores)
    try kernels.normalize(scores)
    try kernels.combine(scores, values)
  }
}

extension Attention {
  /// Queries, keys, values and masks fit each other.
  private func requireSizes(
    _ context: NodeLowering, _ sizes: AttentionGeometry
  ) throws(Diagnostic) {
    let (batch, size, valueSize) = (sizes.batch, sizes.size, sizes.valueSize)
    if try context.shape(0).count == 3 {
      try context.require(0, [batch, sizes.queries, sizes.heads * size])
      try context.require(1, [batch, sizes.keys, sizes.keyHeads * size])
      try context.require(2, [batch, sizes.keys, sizes.keyHeads * valueSize])
    } else {
      try context.require(0, [batch, sizes.heads, sizes.queries, size])
      try context.require(1, [batch, sizes.keyHeads, sizes.keys, size])
      try context.require(2, [batch, sizes.keyHeads, sizes.keys, valueSize])
    }
    if sizes.heads != sizes.keyHeads {
      try context.require(
        "the number of query heads modulo that of key heads", sizes.heads.mod(sizes.keyHeads),
        .equal, 0)
    }
    if context.hasInput(4) {
      try context.require(4, [batch, sizes.keyHeads, sizes.past, size])
    }
    if context.hasInput(5) {
      try context.require(5, [batch, sizes.keyHeads, sizes.past, valueSize])
    }
    if context.hasInput(6) { try context.require(6, [batch]) }
    guard context.hasInput(3) else { return }
    let mask = try context.shape(3)
    try sizes.checkMask(mask)
    if mask.isEmpty { return }
    let missing = sizes.scores.count - mask.count
    for axis in mask.indices.dropLast() {
      try context.require(3, axis: axis, .equalOrOne, sizes.scores[axis + missing])
    }
    try context.require(3, axis: mask.count - 1, .atMost, sizes.total)
  }
}

/// Keys or values as `[N, heads, T, size]`, those of earlier calls first.
struct CachedHeads {
  /// Four-dimensional, or three-dimensional with heads side by side.
  let current: Placed
  let past: Placed?
  let heads: IndexExpr

  func load(
    _ builder: KernelBuilder, _ batch: IndexExpr, _ head: IndexExpr, _ row: IndexExpr,
    _ index: IndexExpr
  ) -> Expr {
    func own(_ row: IndexExpr) -> [IndexExpr] {
      if current.shape.count == 4 { return [batch, head, row, index] }
      return [batch, row, head * current.shape[2].floorDiv(heads) + index]
    }
    let view = builder.view(current)
    guard let past, past.shape[2] != 0 else { return view.load(own(row)) }
    let count = past.shape[2]
    let isOld = Expr.compare(.less, .index(row), .index(count))
    let isNew = Expr.compare(.greaterOrEqual, .index(row), .index(count))
    let zero = Expr.zero(current.element)
    let old = builder.view(past).load([batch, head, row, index], when: isOld, otherwise: zero)
    return .select(isOld, old, view.load(own(row - count), when: isNew, otherwise: zero))
  }
}
