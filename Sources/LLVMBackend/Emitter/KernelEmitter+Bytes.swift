import CLLVM
import Diagnostics
import Loops
import Tensors

/// `Expr.bytes`.
extension KernelEmitter {
  func bytes(_ values: [Expr]) throws(Diagnostic) -> Value {
    let lanes = scope.laneCount
    if let row = try row(values) { return .varying(words(row, lanes)) }
    let bytes = try values.map { value throws(Diagnostic) in try self.value(value) }
    guard bytes.contains(where: \.isVarying), lanes > 1 else {
      return lift(bytes) { parts in
        let words = parts.enumerated().map { number, part -> LLVMValueRef in
          let word = LLVMBuildZExt(b.ref, part, b.like(part, b.i32), "").unsafelyUnwrapped
          return b.shl(word, b.like(word, Int64(8 * number)))
        }
        return words.dropFirst().reduce(words[0]) { b.or($0, $1) }
      }
    }
    return .varying(words(b.concatenate(bytes.map { widen($0) }), lanes))
  }

  /// The bytes of four loads whose lanes follow each other in memory, as one vector; nil for any others.
  private func row(_ values: [Expr]) throws(Diagnostic) -> LLVMValueRef? {
    guard let lanes = scope.lanes, lanes.mask == nil, case .load(let buffer, let first) = values[0]
    else { return nil }
    let start = resolve(buffer.linear(first))
    for (number, value) in values.enumerated() {
      guard case .load(buffer, let position) = value,
        resolve(buffer.linear(position)) - start == IndexExpr(number * lanes.count)
      else { return nil }
    }
    guard case .contiguous(let address) = try access(buffer, first) else { return nil }
    let row: LLVMValueRef = LLVMBuildLoad2(
      b.ref, b.vector(b.i8, values.count * lanes.count), address, "")
    LLVMSetAlignment(row, alignment(buffer, first))
    return row
  }

  /// Lane by lane the bytes of four vectors that lie one behind the other.
  private func words(_ row: LLVMValueRef, _ lanes: Int) -> LLVMValueRef {
    let picks = (0..<4 * lanes).map { $0 % 4 * lanes + $0 / 4 }
    return b.bitcast(b.shuffle(row, picks), b.vector(b.i32, lanes))
  }
}
