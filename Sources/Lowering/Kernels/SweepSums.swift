import Diagnostics
import Loops
import Tensors

/// The sums of a reduction that is cut in sweeps over the whole result, each of which adds to those before.
struct SweepSums {
  /// Where sums wait for the next sweep; nil where one sweep is all.
  let waiting: Placed?
  let isFirst: Bool
  let isLast: Bool

  /// One sweep that is all.
  static let single = SweepSums(waiting: nil, isFirst: true, isLast: true)

  /// The statements that add what earlier sweeps have left to one's own sum, and leave it or use it.
  func add(
    _ sum: Expr, at position: [IndexExpr], _ builder: KernelBuilder,
    use: (Expr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    guard let waiting else { return try use(sum) }
    let view = builder.view(waiting, isWritten: !isLast)
    let total = isFirst ? sum : sum.plus(view.load(position))
    return isLast ? try use(total) : [view.store(total, at: position)]
  }
}
