import CLLVM
import Diagnostics
import Loops
import Tensors

/// Loads and stores.
extension KernelEmitter {
  /// The element at a position; with a condition, `otherwise` where it does not hold.
  func load(
    _ buffer: Buffer, _ position: [IndexExpr], if condition: Value?, otherwise: Value?
  ) throws(Diagnostic) -> Value {
    let access = try access(buffer, position)
    let element = try memoryType(buffer.element)
    if let condition, !condition.isVarying {
      return try branching(on: condition, otherwise: otherwise, type: try type(buffer.element)) {
        () throws(Diagnostic) in try self.load(buffer, position, if: nil, otherwise: nil)
      }
    }
    if case .uniform(let address) = access {
      guard let condition else {
        return .uniform(fromMemory(scalarLoad(element, address), buffer.element))
      }
      return try loadShared(buffer, address, element, condition, otherwise)
    }
    let mask = combine(scope.lanes?.mask, condition)
    let fallback = try otherwise.map { value throws(Diagnostic) in
      toMemory(widen(value), buffer.element)
    }
    let loaded = vectorLoad(
      access, element, mask: mask, fallback: fallback, alignment: alignment(buffer, position))
    return .varying(fromMemory(loaded, buffer.element))
  }

  func store(
    _ value: Value, _ buffer: Buffer, _ position: [IndexExpr], if condition: Value?
  ) throws(Diagnostic) {
    if let condition, !condition.isVarying {
      let then = b.block("store")
      let done = b.block("stored")
      b.branch(condition.ref, then, done)
      b.position(at: then)
      try store(value, buffer, position, if: nil)
      b.branch(to: done)
      b.position(at: done)
      return
    }
    let access = try access(buffer, position)
    if case .uniform(let address) = access {
      guard !value.isVarying, condition == nil else {
        throw broken("lanes write different values to one element of '\(buffer.name)'")
      }
      LLVMSetAlignment(
        LLVMBuildStore(b.ref, toMemory(value.ref, buffer.element), address),
        UInt32(max(1, buffer.element.bitWidth / 8)))
      return
    }
    vectorStore(
      toMemory(widen(value), buffer.element), access,
      mask: combine(scope.lanes?.mask, condition), alignment: alignment(buffer, position))
  }

  func prefetch(_ buffer: Buffer, _ position: [IndexExpr]) throws(Diagnostic) {
    var linear = resolve(buffer.linear(position))
    if let (start, _) = affine(linear) { linear = start }
    guard !scope.isVarying(linear) else { return }
    let address = try address(buffer, try memoryType(buffer.element), linear)
    _ = b.intrinsic(
      "llvm.prefetch", [b.pointer],
      [
        address, b.constant(0 as Int64, b.i32), b.constant(3 as Int64, b.i32),
        b.constant(1 as Int64, b.i32),
      ])
  }

  // MARK: Scalars

  private func scalarLoad(_ element: LLVMTypeRef, _ address: LLVMValueRef) -> LLVMValueRef {
    LLVMBuildLoad2(b.ref, element, address, "")
  }

  /// A load that happens only where a condition common to all lanes holds.
  private func branching(
    on condition: Value, otherwise: Value?, type: LLVMTypeRef,
    _ body: () throws(Diagnostic) -> Value
  ) throws(Diagnostic) -> Value {
    let then = b.block("load")
    let done = b.block("loaded")
    let fallback = otherwise ?? .uniform(b.zero(type))
    let count = scope.laneCount
    let wide = fallback.isVarying ? fallback.ref : b.splat(fallback.ref, count)
    let before = b.currentBlock
    b.branch(condition.ref, then, done)
    b.position(at: then)
    let loaded = try body()
    let isVarying = loaded.isVarying || fallback.isVarying
    let result = isVarying ? widen(loaded) : loaded.ref
    let after = b.currentBlock
    b.branch(to: done)
    b.position(at: done)
    let merged = b.phi(
      b.type(of: result), [(isVarying ? wide : fallback.ref, before), (result, after)])
    return Value(ref: merged, isVarying: isVarying)
  }

  /// One element for the lanes in which a condition holds, read only if there is such a lane.
  private func loadShared(
    _ buffer: Buffer, _ address: LLVMValueRef, _ element: LLVMTypeRef, _ condition: Value,
    _ otherwise: Value?
  ) throws(Diagnostic) -> Value {
    let mask = combine(scope.lanes?.mask, condition) ?? condition.ref
    let any = Value.uniform(b.intrinsic("llvm.vector.reduce.or", [b.type(of: mask)], [mask]))
    let shared = try branching(on: any, otherwise: nil, type: try type(buffer.element)) {
      .uniform(self.fromMemory(self.scalarLoad(element, address), buffer.element))
    }
    let fallback = otherwise ?? .uniform(b.zero(b.type(of: shared.ref)))
    return .varying(b.select(condition.ref, widen(shared), widen(fallback)))
  }

  // MARK: Masks and representations

  /// Lanes that are on and in which the condition holds; nil when that is all of them.
  func combine(_ mask: LLVMValueRef?, _ condition: Value?) -> LLVMValueRef? {
    guard let condition else { return mask }
    let wide = widen(condition)
    return mask.map { b.and($0, wide) } ?? wide
  }

  func fromMemory(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    element == .bool ? b.icmp(LLVMIntNE, value, b.zero(b.type(of: value))) : value
  }

  func toMemory(_ value: LLVMValueRef, _ element: ElementType) -> LLVMValueRef {
    element == .bool ? LLVMBuildZExt(b.ref, value, b.like(value, b.i8), "") : value
  }
}
