package import IR
package import Tensors

/// An integer reduction that occurs in shape computations.
package protocol ContentReduction: IntegerReduction, ContentInferring {
  /// Two elements folded, as expressions.
  func fold(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr
}

extension ContentReduction {
  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [contents(context)]
  }

  private func contents(_ context: InferenceContext) -> [IndexExpr]? {
    let axes = context.hasInput(1) ? context.integers(1) : []
    guard let elements = context.contents(0), let axes,
      let shape = (try? context.tensorType(0))?.staticShape,
      let reduced = try? form.reduced(axes, rank: shape.count),
      shape.checkedElementCount == elements.count, !shape.contains(0)
    else { return nil }
    let kept = zip(shape, reduced).map { $1 ? 1 : $0 }
    var results: [IndexExpr?] = Array(repeating: nil, count: kept.elementCount)
    var rows = BroadcastCursor([kept], target: shape)
    while rows.next() {
      for index in 0..<rows.rowLength {
        let place = rows.offsets[0] + index * rows.steps[0]
        let element = elements[rows.start + index]
        results[place] = results[place].map { fold($0, element) } ?? element
      }
    }
    return results.compactMap { $0 }
  }
}
