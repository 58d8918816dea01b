import CLLVM
import Diagnostics
import Loops
import Tensors

/// Loops whose iterations run in the lanes of vectors.
extension KernelEmitter {
  func emitVector(_ loop: Loop, lanes: Int) throws(Diagnostic) {
    guard scope.lanes == nil else {
      throw broken("vector loop over '\(loop.variable.name)' inside another one")
    }
    guard lanes > 0, lanes & (lanes - 1) == 0 else {
      throw broken(
        "vector loop over '\(loop.variable.name)' has \(lanes) lanes, expected a power of 2")
    }
    let (lower, upper) = (resolve(loop.lower), resolve(loop.upper))
    if lanes == 1 { return try emitScalarRest(loop, lower, upper) }
    let count = (upper - lower).ceilDiv(IndexExpr(loop.step))
    if let count = count.value {
      try emitConstant(loop, lanes, lower, count)
    } else {
      try emitDynamic(loop, lanes, lower, upper, count)
    }
  }

  // MARK: Known extent

  private func emitConstant(
    _ loop: Loop, _ lanes: Int, _ lower: IndexExpr, _ count: Int
  ) throws(Diagnostic) {
    let full = count / lanes
    try emitFull(loop, lanes, lower, chunks: IndexExpr(full))
    var rest = count - full * lanes
    if rest == 0 { return }
    var base = lower + IndexExpr(full * lanes * loop.step)
    let isExact = rest & (rest - 1) == 0
    if !isExact, usesMasks(loop) {
      let width = min(lanes, nextPowerOf2(rest))
      try emitIteration(loop, width, base, mask: mask(width, below: b.constant(Int64(rest), b.i32)))
      return
    }
    // Without masks the rest runs in ever narrower vectors.
    while rest > 0 {
      let width = 1 << (Int.bitWidth - 1 - rest.leadingZeroBitCount)
      try emitIteration(loop, width, base, mask: nil)
      base = base + IndexExpr(width * loop.step)
      rest -= width
    }
  }

  private func nextPowerOf2(_ value: Int) -> Int {
    value <= 1 ? 1 : 1 << (Int.bitWidth - (value - 1).leadingZeroBitCount)
  }

  // MARK: Extent known at run time

  private func emitDynamic(
    _ loop: Loop, _ lanes: Int, _ lower: IndexExpr, _ upper: IndexExpr, _ count: IndexExpr
  ) throws(Diagnostic) {
    let chunks = count.floorDiv(IndexExpr(lanes))
    try emitFull(loop, lanes, lower, chunks: chunks)
    let base = lower + chunks * IndexExpr(lanes * loop.step)
    guard usesMasks(loop) else { return try emitScalarRest(loop, base, upper) }
    let rest = try scalar(count - chunks * IndexExpr(lanes))
    let body = b.block("rest." + loop.variable.name)
    let done = b.block("rested." + loop.variable.name)
    b.branch(b.icmp(LLVMIntSGT, rest, b.index(0)), body, done)
    b.position(at: body)
    let limit: LLVMValueRef = LLVMBuildTrunc(b.ref, rest, b.i32, "")
    try emitIteration(loop, lanes, base, mask: mask(lanes, below: limit))
    b.branch(to: done)
    b.position(at: done)
  }

  private func emitScalarRest(
    _ loop: Loop, _ lower: IndexExpr, _ upper: IndexExpr
  ) throws(Diagnostic) {
    try counted(loop.variable, lower, upper, step: loop.step) { () throws(Diagnostic) in
      try emit(loop.body)
    }
  }

  // MARK: Iterations

  private func emitFull(
    _ loop: Loop, _ lanes: Int, _ lower: IndexExpr, chunks: IndexExpr
  ) throws(Diagnostic) {
    let base = Symbol(loop.variable.name + ".base")
    let step = lanes * loop.step
    let end = lower + chunks * IndexExpr(step)
    try counted(base, lower, end, step: step) { () throws(Diagnostic) in
      try emitIteration(loop, lanes, resolve(IndexExpr(base)), mask: nil)
    }
  }

  private func emitIteration(
    _ loop: Loop, _ lanes: Int, _ base: IndexExpr, mask: LLVMValueRef?
  ) throws(Diagnostic) {
    try scoped { () throws(Diagnostic) in
      if lanes == 1 {
        scope.define(loop.variable, .uniform(try scalar(base)), multipleOf: multiple(of: base))
        if base.isConstant { scope.known[loop.variable] = base }
      } else {
        scope.lanes = Lanes(
          symbol: loop.variable, count: lanes, step: loop.step, base: base, mask: mask)
        scope.known[loop.variable] = nil
        scope.depths[loop.variable] = scope.depth
      }
      try emit(loop.body)
    }
  }

  private func mask(_ lanes: Int, below limit: LLVMValueRef) -> LLVMValueRef {
    b.icmp(LLVMIntSLT, b.iota(lanes, b.i32), b.splat(limit, lanes))
  }

  /// Whether the rest of a vector loop runs as one iteration with lanes switched off.
  ///
  /// Reductions over lanes leave no choice: run one by one, the lanes would not meet.
  private func usesMasks(_ loop: Loop) -> Bool {
    var survey = BodySurvey()
    survey.visit(loop.body)
    if survey.reducesLanes || target.hasMasks { return true }
    // AVX2 can switch off lanes of 32 and 64 bits.
    return target.vectorBits == 256 && survey.narrowestAccess >= 32
  }
}
