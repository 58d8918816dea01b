package import Diagnostics
package import Loops
package import Ops

/// An operator that folds its operands with one binary operation of the loop IR.
package protocol BinaryLowerable: ElementwiseLowerable {
  static var operation: BinaryOp { get }
}

extension BinaryLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    let present = operands.compactMap { $0 }
    guard let first = present.first else { throw missingOperand }
    return present.dropFirst().reduce(first) { .binary(Self.operation, $0, $1) }
  }
}

extension Add: BinaryLowerable { package static let operation = BinaryOp.add }
extension And: BinaryLowerable { package static let operation = BinaryOp.and }
extension BitwiseAnd: BinaryLowerable { package static let operation = BinaryOp.and }
extension BitwiseOr: BinaryLowerable { package static let operation = BinaryOp.or }
extension BitwiseXor: BinaryLowerable { package static let operation = BinaryOp.xor }
extension Div: BinaryLowerable { package static let operation = BinaryOp.div }
extension Max: BinaryLowerable { package static let operation = BinaryOp.max }
extension Min: BinaryLowerable { package static let operation = BinaryOp.min }
extension Mul: BinaryLowerable { package static let operation = BinaryOp.mul }
extension Or: BinaryLowerable { package static let operation = BinaryOp.or }
extension Sub: BinaryLowerable { package static let operation = BinaryOp.sub }
extension Sum: BinaryLowerable { package static let operation = BinaryOp.add }
extension Xor: BinaryLowerable { package static let operation = BinaryOp.xor }

/// An operator that compares its two operands.
package protocol ComparisonLowerable: ElementwiseLowerable {
  static var relation: Loops.Comparison { get }
}

extension ComparisonLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let a = operands[0], let b = operands[1] else { throw missingOperand }
    return .compare(Self.relation, a, b)
  }
}

extension Equal: ComparisonLowerable { package static let relation = Loops.Comparison.equal }
extension Greater: ComparisonLowerable { package static let relation = Loops.Comparison.greater }
extension GreaterOrEqual: ComparisonLowerable {
  package static let relation = Loops.Comparison.greaterOrEqual
}
extension Less: ComparisonLowerable { package static let relation = Loops.Comparison.less }
extension LessOrEqual: ComparisonLowerable {
  package static let relation = Loops.Comparison.lessOrEqual
}
