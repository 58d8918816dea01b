import CLLVM
import Diagnostics
import Loops
import Tensors

/// Comparisons of indices, which decide the padding of windows and the ends of rows.
extension KernelEmitter {
  /// The comparison of two indices whose difference grows by one from lane to lane, without 64-bit vectors; nil for
  /// others.
  ///
  /// `start + lane < 0` is `lane < -start`, and `-start` limited to just outside of the lanes fits 32 bits.
  func compareIndices(
    _ comparison: Loops.Comparison, _ x: Expr, _ y: Expr
  ) throws(Diagnostic) -> Value? {
    guard let lanes = scope.lanes, let p = indexExpression(x), let q = indexExpression(y) else {
      return nil
    }
    let difference = resolve(p - q)
    guard scope.isVarying(difference), let (start, stride) = affine(difference), stride == 1 else {
      return nil
    }
    let negated = try scalar(-start)
    let raised = b.binary("llvm.smax", negated, b.index(-1))
    let limited = b.binary("llvm.smin", raised, b.index(lanes.count))
    let limit: LLVMValueRef = LLVMBuildTrunc(b.ref, limited, b.i32, "")
    let predicate = comparison.integerPredicate(isSigned: true)
    return .varying(
      b.icmp(predicate, b.iota(lanes.count, b.i32), b.splat(limit, lanes.count)))
  }

  private func indexExpression(_ expression: Expr) -> IndexExpr? {
    switch expression {
    case .index(let index): index
    case .integer(let value, .i64): IndexExpr(Int(value))
    default: nil
    }
  }
}
