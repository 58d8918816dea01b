import CLLVM

/// One-line names for the instructions, so that emitters read like formulas.
extension Builder {
  func add(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildAdd(ref, a, b, "") }
  func sub(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildSub(ref, a, b, "") }
  func mul(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildMul(ref, a, b, "") }
  /// Sum of indices, which never overflows.
  func addIndex(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef {
    LLVMBuildNSWAdd(ref, a, b, "")
  }
  func subIndex(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef {
    LLVMBuildNSWSub(ref, a, b, "")
  }
  func mulIndex(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef {
    LLVMBuildNSWMul(ref, a, b, "")
  }
  func and(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildAnd(ref, a, b, "") }
  func or(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildOr(ref, a, b, "") }
  func xor(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildXor(ref, a, b, "") }
  func not(_ a: LLVMValueRef) -> LLVMValueRef { LLVMBuildNot(ref, a, "") }
  func shl(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildShl(ref, a, b, "") }
  func lshr(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildLShr(ref, a, b, "") }
  func ashr(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildAShr(ref, a, b, "") }

  func fadd(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildFAdd(ref, a, b, "") }
  func fsub(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildFSub(ref, a, b, "") }
  func fmul(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildFMul(ref, a, b, "") }
  func fdiv(_ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef { LLVMBuildFDiv(ref, a, b, "") }
  func fneg(_ a: LLVMValueRef) -> LLVMValueRef { LLVMBuildFNeg(ref, a, "") }

  func icmp(_ predicate: LLVMIntPredicate, _ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef {
    LLVMBuildICmp(ref, predicate, a, b, "")
  }

  func fcmp(_ predicate: LLVMRealPredicate, _ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef {
    LLVMBuildFCmp(ref, predicate, a, b, "")
  }

  func select(_ c: LLVMValueRef, _ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef {
    LLVMBuildSelect(ref, c, a, b, "")
  }

  func bitcast(_ a: LLVMValueRef, _ type: LLVMTypeRef) -> LLVMValueRef {
    LLVMBuildBitCast(ref, a, type, "")
  }

  func freeze(_ a: LLVMValueRef) -> LLVMValueRef { LLVMBuildFreeze(ref, a, "") }

  /// A one-argument intrinsic that is overloaded on its argument's type.
  func unary(_ name: String, _ a: LLVMValueRef) -> LLVMValueRef {
    intrinsic(name, [type(of: a)], [a])
  }

  func binary(_ name: String, _ a: LLVMValueRef, _ b: LLVMValueRef) -> LLVMValueRef {
    intrinsic(name, [type(of: a)], [a, b])
  }

  /// An integer constant of the type of `a`.
  func like(_ a: LLVMValueRef, _ value: Int64) -> LLVMValueRef { constant(value, type(of: a)) }

  /// A floating-point constant of the type of `a`.
  func like(_ a: LLVMValueRef, _ value: Double) -> LLVMValueRef { constant(value, type(of: a)) }
}
