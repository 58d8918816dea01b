import CLLVM
import Diagnostics
import Loops
import Tensors

/// Quantized values that are stored one behind the other.
extension KernelEmitter {
  /// Emits the stores that `statements` begin with as one, if they are two or four that may be.
  ///
  /// - Returns: how many; 0 for none.
  func emitStoreRun(_ statements: ArraySlice<Statement>) throws(Diagnostic) -> Int {
    guard
      case .store(let buffer, let first, .quantize(_, let zeroPoint, let element)) =
        statements.first, let lanes = scope.lanes, lanes.mask == nil
    else { return 0 }
    let quantizer = Quantizer(b: b, target: target, zeroPoint: zeroPoint, element: element)
    let most = quantizer.runLength(lanes: lanes.count)
    let start = resolve(buffer.linear(first))
    var values: [Expr] = []
    for statement in statements.prefix(most) {
      guard case .store(buffer, let position, .quantize(let value, zeroPoint, element)) = statement,
        resolve(buffer.linear(position)) - start == IndexExpr(values.count * lanes.count)
      else { break }
      values.append(value)
    }
    let count = values.count / 2 * 2
    guard count == 2 || count == 4, case .contiguous = try access(buffer, first) else { return 0 }
    let operands = try values.prefix(count).map { value throws(Diagnostic) in
      widen(try self.value(value))
    }
    vectorStore(
      quantizer.run(operands), try access(buffer, first), mask: nil,
      alignment: alignment(buffer, first))
    return count
  }
}
