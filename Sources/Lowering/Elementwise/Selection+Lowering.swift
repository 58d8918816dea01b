package import Diagnostics
package import Loops
package import Ops
import Tensors

extension BitCast: ElementwiseLowerable {
  package var widensOperands: Bool { false }

  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return .bitcast(x, target)
  }
}

extension Cast: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return x.converted(to: types.result)
  }
}

extension CastLike: ElementwiseLowerable {
  package var readOperandCount: Int { 1 }

  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return x.converted(to: types.result)
  }
}

extension Identity: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    return x
  }
}

extension IsInf: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    let isInfinite = x.apply(.isInf)
    if detectsNegative, detectsPositive { return isInfinite }
    if detectsNegative { return .binary(.and, isInfinite, x.isLess(than: 0)) }
    if detectsPositive { return .binary(.and, isInfinite, x.isGreater(than: 0)) }
    return .integer(0, .bool)
  }
}

extension Where: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let condition = operands[0], let x = operands[1], let y = operands[2] else {
      throw missingOperand
    }
    return .select(condition, x, y)
  }
}
