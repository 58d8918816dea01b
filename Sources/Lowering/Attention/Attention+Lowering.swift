package import Diagnostics
import Loops
package import Ops
import Tensors

extension Attention: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let query = try context.plain(0)
    let geometry = try AttentionGeometry(
      query: query.shape, key: context.shape(1), value: context.shape(2),
      pastKey: context.hasInput(4) ? context.shape(4) : nil,
      pastValue: context.hasInput(5) ? context.shape(5) : nil, queryHeads: queryHeads,
      keyHeads: keyHeads)
    let keys = try CachedHeads(
      current: context.plain(1), past: context.hasInput(4) ? context.plain(4) : nil,
      heads: geometry.keyHeads)
    let values = try CachedHeads(
      current: context.plain(2), past: context.hasInput(5) ? context.plain(5) : nil,
      heads: geometry.keyHeads)
    for (index, heads) in [(1, keys), (2, values)] where context.hasOutput(index) {
      try Movement.lower(context, into: context.output(index)) { builder, position in
        heads.load(builder, position[0], position[1], position[2], position[3])
      }
    }
    if context.hasInput(4) {
      try context.require(
        4, [geometry.batch, geometry.keyHeads, geometry.past, geometry.size])
    }
    if context.hasInput(5) {
      try context.require(
        5, [geometry.batch, geometry.keyHeads, geometry.past, geometry.valueSize])
    }
    if context.hasInput(6) { try context.require(6, [geometry.batch]) }
    let kernels = AttentionKernels(
      op: self, geometry: geometry, context: context, element: query.element)
    let scores = context.temporary(kernels.state, geometry.scores)
    try kernels.score(CachedHeads(current: query, past: nil, heads: geometry.heads), keys, scores)
    try kernels.normalize(scores)
    try kernels.combine(scores, values)
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
