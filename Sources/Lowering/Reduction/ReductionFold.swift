package import Loops
package import Tensors

/// How a reduction folds elements, in the loop IR.
package struct ReductionFold: Sendable {
  /// What the running value starts from.
  package let initial: Expr
  /// What one element becomes before it is folded.
  package let prepare: @Sendable (Expr) -> Expr
  package let operation: BinaryOp
  /// The same operation over lanes.
  package let lanes: Loops.Reduction
  /// The result from the folded value and the number of elements.
  package let finish: @Sendable (_ value: Expr, _ count: IndexExpr) -> Expr

  package init(
    initial: Expr, operation: BinaryOp, lanes: Loops.Reduction,
    prepare: @escaping @Sendable (Expr) -> Expr = { $0 },
    finish: @escaping @Sendable (Expr, IndexExpr) -> Expr = { value, _ in value }
  ) {
    self.initial = initial
    self.operation = operation
    self.lanes = lanes
    self.prepare = prepare
    self.finish = finish
  }

  package static func sum(
    _ type: ElementType, prepare: @escaping @Sendable (Expr) -> Expr = { $0 },
    finish: @escaping @Sendable (Expr, IndexExpr) -> Expr = { value, _ in value }
  ) -> ReductionFold {
    ReductionFold(
      initial: .zero(type), operation: .add, lanes: .add, prepare: prepare, finish: finish)
  }

  package static func mean(_ type: ElementType) -> ReductionFold {
    sum(
      type,
      finish: { value, count in .binary(.div, value, .convert(.index(count), type, .plain)) })
  }

  package static func maximum(_ type: ElementType) -> ReductionFold {
    ReductionFold(initial: lowest(type), operation: .max, lanes: .max)
  }

  package static func minimum(_ type: ElementType) -> ReductionFold {
    ReductionFold(initial: highest(type), operation: .min, lanes: .min)
  }

  package static func lowest(_ type: ElementType) -> Expr {
    if type.isFloat { return .float(-.infinity, type) }
    if type.isUnsignedInteger || type == .bool { return .integer(0, type) }
    return .integer(Int64.min >> (64 - Int64(type.bitWidth)), type)
  }

  package static func highest(_ type: ElementType) -> Expr {
    if type.isFloat { return .float(.infinity, type) }
    if type == .bool { return .integer(1, type) }
    if type.isUnsignedInteger {
      return .integer(type == .u64 ? -1 : (1 << Int64(type.bitWidth)) - 1, type)
    }
    return .integer(Int64.max >> (64 - Int64(type.bitWidth)), type)
  }
}
