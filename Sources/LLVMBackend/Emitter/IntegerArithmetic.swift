import CLLVM
import Loops
import Tensors

/// Binary operations of one integer type (or `bool`), wrapping, and defined for every operand.
struct IntegerArithmetic {
  let b: Builder
  let element: ElementType

  private var isSigned: Bool { element.isSignedInteger }

  func emit(_ op: BinaryOp, _ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef {
    switch op {
    case .add: element == .bool ? b.or(x, y) : b.add(x, y)
    case .sub: b.sub(x, y)
    case .mul: b.mul(x, y)
    case .div: divide(x, y, wantsRemainder: false)
    case .rem: divide(x, y, wantsRemainder: true)
    case .min: b.binary(isSigned ? "llvm.smin" : "llvm.umin", x, y)
    case .max: b.binary(isSigned ? "llvm.smax" : "llvm.umax", x, y)
    case .and: b.and(x, y)
    case .or: b.or(x, y)
    case .xor: b.xor(x, y)
    case .shiftLeft, .shiftRight: shift(op, x, y)
    case .pow: power(x, y)
    }
  }

  /// Division with the operands for which the machine traps replaced by harmless ones.
  private func divide(
    _ x: LLVMValueRef, _ y: LLVMValueRef, wantsRemainder: Bool
  ) -> LLVMValueRef {
    let zero = b.like(x, Int64(0))
    let one = b.like(x, Int64(1))
    let isZero = b.icmp(LLVMIntEQ, y, zero)
    var unsafe = isZero
    if isSigned {
      let least = b.like(x, element.smallest)
      let overflows = b.and(
        b.icmp(LLVMIntEQ, x, least), b.icmp(LLVMIntEQ, y, b.like(y, Int64(-1))))
      unsafe = b.or(unsafe, overflows)
    }
    let divisor = b.select(unsafe, one, y)
    let result: LLVMValueRef =
      switch (isSigned, wantsRemainder) {
      case (true, false): LLVMBuildSDiv(b.ref, x, divisor, "")
      case (true, true): LLVMBuildSRem(b.ref, x, divisor, "")
      case (false, false): LLVMBuildUDiv(b.ref, x, divisor, "")
      case (false, true): LLVMBuildURem(b.ref, x, divisor, "")
      }
    return b.select(isZero, zero, result)
  }

  /// Squares, of which the exponent's bits choose; all of them, so that lanes need no branches.
  private func power(_ base: LLVMValueRef, _ exponent: LLVMValueRef) -> LLVMValueRef {
    let one = b.like(base, Int64(1))
    let zero = b.like(base, Int64(0))
    var result = one
    var factor = base
    let bitCount = isSigned ? element.bitWidth - 1 : element.bitWidth
    for bit in 0..<bitCount {
      let isSet = b.icmp(
        LLVMIntNE, b.and(exponent, b.shl(one, b.like(base, Int64(bit)))), zero)
      result = b.select(isSet, b.mul(result, factor), result)
      if bit + 1 < bitCount { factor = b.mul(factor, factor) }
    }
    guard isSigned else { return result }
    let isOdd = b.icmp(LLVMIntNE, b.and(exponent, one), zero)
    let minusOne = b.like(base, Int64(-1))
    let ofMinusOne = b.select(
      b.icmp(LLVMIntEQ, base, minusOne), b.select(isOdd, minusOne, one), zero)
    let quotient = b.select(b.icmp(LLVMIntEQ, base, one), one, ofMinusOne)
    return b.select(b.icmp(LLVMIntSLT, exponent, zero), quotient, result)
  }

  /// Shifts whose counts may be anything: those beyond the width shift everything out.
  private func shift(_ op: BinaryOp, _ x: LLVMValueRef, _ y: LLVMValueRef) -> LLVMValueRef {
    let width = b.like(y, Int64(max(1, element == .bool ? 1 : element.bitWidth)))
    let isInside = b.icmp(LLVMIntULT, y, width)
    if op == .shiftRight, isSigned {
      let most = b.like(y, Int64(element.bitWidth - 1))
      return b.ashr(x, b.select(isInside, y, most))
    }
    let count = b.select(isInside, y, b.zero(b.type(of: y)))
    let shifted = op == .shiftLeft ? b.shl(x, count) : b.lshr(x, count)
    return b.select(isInside, shifted, b.zero(b.type(of: x)))
  }
}
