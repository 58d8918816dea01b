import Diagnostics
import Loops
import Tensors

/// The axes that a reduction folds, known at compile time or read from memory at run time, one kept position after the
/// other.
///
/// Each input axis is kept or folded, so its index is the sum of an index of the kept axes and one of the folded axes:
/// one of the two has only 0.
struct AxisGroups {
  /// Defines what the extents mention; to be run before either is used.
  let statements: [Statement]
  /// The extents of the kept axes, 1 where folded.
  let kept: [IndexExpr]
  /// The extents of the folded axes, 1 where kept.
  let folded: [IndexExpr]

  /// How many elements one result folds.
  var count: IndexExpr { folded.reduce(1, *) }

  init(_ shape: [IndexExpr], reduced: [Bool]) {
    statements = []
    kept = zip(shape, reduced).map { $1 ? 1 : $0 }
    folded = zip(shape, reduced).map { $1 ? $0 : 1 }
  }

  /// - Parameter axes: an integer vector in memory; an empty one means all axes, or none where `emptyMeansNone`.
  init(
    _ builder: KernelBuilder, _ shape: [IndexExpr], axes: Placed, emptyMeansNone: Bool
  ) throws(Diagnostic) {
    let flags = try Self.flags(builder, shape.count, axes, emptyMeansNone)
    var statements = flags.statements
    var (kept, folded): ([IndexExpr], [IndexExpr]) = ([], [])
    for (axis, extent) in shape.enumerated() {
      let (one, all) = (Expr.index(1), Expr.index(extent))
      let keep = builder.computedIndex("kept", minimum: 0, maximum: extent.upperBound)
      let fold = builder.computedIndex("folded", minimum: 0, maximum: extent.upperBound)
      statements.append(.bind(keep, .select(flags.values[axis], one, all)))
      statements.append(.bind(fold, .select(flags.values[axis], all, one)))
      kept.append(IndexExpr(keep))
      folded.append(IndexExpr(fold))
    }
    self.statements = statements
    self.kept = kept
    self.folded = folded
  }

  /// For each of `rank` axes whether a vector in memory names it.
  static func flags(
    _ builder: KernelBuilder, _ rank: Int, _ axes: Placed, _ emptyMeansNone: Bool
  ) throws(Diagnostic) -> (statements: [Statement], values: [Expr]) {
    let count = axes.shape.reduce(1, *)
    let isEmpty = Expr.compare(.equal, .index(count), .zero(.i64))
    let initial: Expr = emptyMeansNone ? .integer(0, .bool) : isEmpty
    let found = (0..<rank).map { _ in builder.registers("reduced", .bool) }
    let loop = try builder.loop("a", count) { index in
      let axis = builder.local("axis", .i64)
      let load = builder.view(axes.reshaped(to: [count])).load([index]).converted(to: .i64)
      return [.let(axis, load)]
        + found.enumerated().map { number, flag in
          let front = Expr.compare(.equal, .local(axis), .integer(Int64(number), .i64))
          let back = Expr.compare(.equal, .local(axis), .integer(Int64(number - rank), .i64))
          let isNamed = Expr.binary(.or, front, back)
          return .set(flag, [], .binary(.or, .register(flag, []), isNamed))
        }
    }
    return (
      found.map { .registers($0, initial: initial) } + loop, found.map { .register($0, []) }
    )
  }

  /// The kept position of result number `flat`, pulled inside where the number is beyond the last.
  func position(_ flat: IndexExpr) -> [IndexExpr] {
    var rest = flat
    var position: [IndexExpr] = []
    for (axis, extent) in kept.enumerated().reversed() {
      let safe = IndexExpr.max(extent, 1)
      if axis == 0 {
        position.insert(.max(0, .min(rest, extent - 1)), at: 0)
      } else {
        position.insert(rest.mod(safe), at: 0)
        rest = rest.floorDiv(safe)
      }
    }
    return position
  }

  /// Loops over the folded elements of one kept position.
  func visit(
    _ builder: KernelBuilder, _ position: [IndexExpr],
    _ body: ([IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    try Nest.axes(folded, .serial, builder) { inside throws(Diagnostic) in
      try body(zip(position, inside).map { $0 + $1 })
    }
  }
}
