package import Diagnostics
package import Loops
package import Ops
import Tensors

extension Lookup: ElementwiseLowerable {
  package func value(
    _ operands: [Expr?], _ types: ElementwiseTypes
  ) throws(Diagnostic) -> Expr {
    guard let x = operands[0] else { throw missingOperand }
    let bytes = table.map { UInt8(truncatingIfNeeded: $0) }
    // Signed numbers as bit patterns: those below zero are the upper half.
    let isSigned = x.type == .i8
    let found = Expr.lookup(
      ByteTable(isSigned ? Array(bytes[128...] + bytes[..<128]) : bytes),
      isSigned ? .bitcast(x, .u8) : x)
    return target == .u8 ? found : .bitcast(found, target)
  }
}
