import CLLVM
import Diagnostics
import Loops
import Tensors

/// Loops of every kind but `vector`.
extension KernelEmitter {
  func emit(_ loop: Loop) throws(Diagnostic) {
    switch loop.kind {
    case .unrolled: try emitUnrolled(loop)
    case .serial: try emitSerial(loop)
    case .vector(let lanes): try emitVector(loop, lanes: lanes)
    case .parallel:
      throw broken("parallel loop over '\(loop.variable.name)' is not outermost")
    }
  }

  private func emitUnrolled(_ loop: Loop) throws(Diagnostic) {
    guard let lower = resolve(loop.lower).value, let upper = resolve(loop.upper).value else {
      throw broken("unrolled loop over '\(loop.variable.name)' has bounds that are not constant")
    }
    try scoped { () throws(Diagnostic) in
      for value in stride(from: lower, to: upper, by: loop.step) {
        scope.known[loop.variable] = IndexExpr(value)
        try emit(loop.body)
      }
    }
  }

  private func emitSerial(_ loop: Loop) throws(Diagnostic) {
    try counted(loop.variable, loop.lower, loop.upper, step: loop.step) { () throws(Diagnostic) in
      try emit(loop.body)
    }
  }

  /// Runs `body` with `variable` taking the values `lower, lower + step, ...` below `upper`.
  ///
  /// A loop of one iteration is no loop. Others test at the bottom, after one test of whether to enter at all, so
  /// that what does not change can leave the loop.
  func counted(
    _ variable: Symbol, _ lower: IndexExpr, _ upper: IndexExpr, step: Int,
    _ body: () throws(Diagnostic) -> Void
  ) throws(Diagnostic) {
    let (lower, upper) = (resolve(lower), resolve(upper))
    guard !scope.isVarying(lower), !scope.isVarying(upper) else {
      throw broken("the bounds of the loop over '\(variable.name)' differ between lanes")
    }
    if let extent = (upper - lower).value {
      if extent <= 0 { return }
      if extent <= step, let only = lower.value {
        try scoped { () throws(Diagnostic) in
          scope.known[variable] = IndexExpr(only)
          try body()
        }
        return
      }
    }
    let first = try scalar(lower)
    let limit = try scalar(upper)
    let known = gcd(multiple(of: lower), step)
    let before = b.currentBlock
    let inside = b.block(variable.name)
    let done = b.block("end." + variable.name)
    b.branch(b.icmp(LLVMIntSLT, first, limit), inside, done)
    b.position(at: inside)
    let counter = b.phi(b.i64, [(first, before)])
    try scoped { () throws(Diagnostic) in
      scope.depth += 1
      scope.define(variable, .uniform(counter), multipleOf: known)
      try body()
    }
    let next = b.addIndex(counter, b.index(step))
    let latch: LLVMValueRef = LLVMBuildCondBr(
      b.ref, b.icmp(LLVMIntSLT, next, limit), inside, done)
    b.addIncoming(counter, next, b.currentBlock)
    markLoop(latch)
    b.position(at: done)
  }

  /// Keeps LLVM from unrolling or vectorising the loop that this branch closes.
  func markLoop(_ latch: LLVMValueRef) {
    func node(_ operands: [LLVMMetadataRef?]) -> LLVMMetadataRef? {
      var operands = operands
      return LLVMMDNodeInContext2(b.context, &operands, operands.count)
    }
    func name(_ text: String) -> LLVMMetadataRef? {
      LLVMMDStringInContext2(b.context, text, text.utf8.count)
    }
    let off = LLVMValueAsMetadata(b.zero(b.i1))
    var nothing: [LLVMMetadataRef?] = []
    let placeholder = LLVMTemporaryMDNode(b.context, &nothing, 0)
    let loop = node([
      placeholder, node([name("llvm.loop.unroll.disable")]),
      node([name("llvm.loop.vectorize.enable"), off]),
    ])
    LLVMMetadataReplaceAllUsesWith(placeholder, loop)
    let kind = LLVMGetMDKindIDInContext(b.context, "llvm.loop", 9)
    LLVMSetMetadata(latch, kind, LLVMMetadataAsValue(b.context, loop))
  }

  // MARK: The parallel space

  /// Runs iterations `begin ..< end` of the flattened space of the parallel loops.
  func emitParallel(
    _ loops: [Loop], begin: LLVMValueRef, end: LLVMValueRef
  ) throws(Diagnostic) {
    guard let innermost = loops.last else { return try emit(kernel.body) }
    let flat = Symbol("parallel iteration")
    let (first, last) = (Symbol("parallel begin"), Symbol("parallel end"))
    scope.define(first, .uniform(begin))
    scope.define(last, .uniform(end))
    try counted(flat, IndexExpr(first), IndexExpr(last), step: 1) { () throws(Diagnostic) in
      guard var rest = scope.symbols[flat]?.ref else { return }
      for (number, loop) in loops.enumerated().reversed() {
        var position = rest
        let count = (loop.upper - loop.lower).ceilDiv(IndexExpr(loop.step))
        if number > 0 {
          let divisor = try scalar(count)
          position = LLVMBuildURem(b.ref, rest, divisor, "")
          rest = LLVMBuildUDiv(b.ref, rest, divisor, "")
        }
        if loop.step != 1 { position = b.mulIndex(position, b.index(loop.step)) }
        let lower = try scalar(loop.lower)
        scope.define(
          loop.variable, .uniform(loop.lower == 0 ? position : b.addIndex(position, lower)),
          multipleOf: gcd(multiple(of: loop.lower), loop.step))
      }
      try emit(innermost.body)
    }
  }
}
