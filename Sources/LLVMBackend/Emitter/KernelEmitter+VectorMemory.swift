import CLLVM
import Loops

/// Loads and stores of a whole vector.
extension KernelEmitter {
  /// Strides up to this one are loaded as whole vectors and picked apart.
  private static let largestPickedStride = 4

  func vectorLoad(
    _ access: Access, _ element: LLVMTypeRef, mask: LLVMValueRef?, fallback: LLVMValueRef?,
    alignment: UInt32
  ) -> LLVMValueRef {
    let count = scope.laneCount
    let vector = b.vector(element, count)
    switch access {
    case .uniform(let address):
      return b.splat(LLVMBuildLoad2(b.ref, element, address, ""), count)
    case .contiguous(let address):
      guard let mask else { return load(vector, address, alignment) }
      return b.intrinsic(
        "llvm.masked.load", [vector, b.pointer],
        [address, b.constant(Int64(alignment), b.i32), mask, fallback ?? b.zero(vector)])
    case .strided(let address, let stride):
      if mask == nil { return stridedLoad(address, element, stride) }
      let steps = b.constantVector((0..<count).map { $0 * stride }, b.i64)
      return gather(pointers(address, steps, element), vector, mask, fallback)
    case .scattered(let base, let offsets):
      return gather(pointers(base, offsets, element), vector, mask, fallback)
    }
  }

  func vectorStore(
    _ value: LLVMValueRef, _ access: Access, mask: LLVMValueRef?, alignment: UInt32
  ) {
    let element = b.element(of: b.type(of: value))
    let count = b.lanes(of: value)
    switch access {
    case .uniform: break
    case .contiguous(let address):
      guard let mask else {
        LLVMSetAlignment(LLVMBuildStore(b.ref, value, address), alignment)
        return
      }
      _ = b.intrinsic(
        "llvm.masked.store", [b.type(of: value), b.pointer],
        [value, address, b.constant(Int64(alignment), b.i32), mask])
    case .strided(let address, let stride):
      if mask == nil {
        for lane in 0..<count {
          let slot = gep(element, address, b.index(lane * stride))
          LLVMBuildStore(b.ref, b.extract(value, lane), slot)
        }
        return
      }
      let steps = b.constantVector((0..<count).map { $0 * stride }, b.i64)
      scatter(value, pointers(address, steps, element), mask)
    case .scattered(let base, let offsets):
      scatter(value, pointers(base, offsets, element), mask)
    }
  }

  private func load(
    _ type: LLVMTypeRef, _ address: LLVMValueRef, _ alignment: UInt32
  ) -> LLVMValueRef {
    let load: LLVMValueRef = LLVMBuildLoad2(b.ref, type, address, "")
    LLVMSetAlignment(load, alignment)
    return load
  }

  /// Every `stride`-th element, all lanes on.
  ///
  /// Small strides load consecutive vectors, the last one so that it ends at the last element wanted (nothing beyond
  /// is touched), and pick; others load one element at a time, which no gather instruction beats.
  private func stridedLoad(
    _ address: LLVMValueRef, _ element: LLVMTypeRef, _ stride: Int
  ) -> LLVMValueRef {
    let count = scope.laneCount
    let bytes = UInt32(byteWidth(element))
    let vector = b.vector(element, count)
    if stride == -1 {
      let first = gep(element, address, b.index(1 - count))
      return b.shuffle(load(vector, first, bytes), Array((0..<count).reversed()))
    }
    guard (2...Self.largestPickedStride).contains(stride), count > 2 else {
      let parts = (0..<count).map { lane -> LLVMValueRef in
        LLVMBuildLoad2(b.ref, element, gep(element, address, b.index(lane * stride)), "")
      }
      return b.concatenate(parts)
    }
    let span = stride * (count - 1) + 1
    var result = b.poison(vector)
    for part in 0..<stride {
      let start = min(part * count, span - count)
      let loaded = load(vector, gep(element, address, b.index(start)), bytes)
      let picks = (0..<count).map { lane -> Int in
        let wanted = lane * stride
        if wanted < part * count { return lane }
        return wanted < start + count ? count + wanted - start : -1
      }
      result = b.shuffle(result, loaded, picks)
    }
    return result
  }

  private func byteWidth(_ type: LLVMTypeRef) -> Int {
    switch LLVMGetTypeKind(type) {
    case LLVMFloatTypeKind: 4
    case LLVMDoubleTypeKind: 8
    default: max(1, Int(LLVMGetIntTypeWidth(type)) / 8)
    }
  }

  private func pointers(
    _ base: LLVMValueRef, _ offsets: LLVMValueRef, _ element: LLVMTypeRef
  ) -> LLVMValueRef {
    gep(element, base, offsets)
  }

  private func gather(
    _ pointers: LLVMValueRef, _ vector: LLVMTypeRef, _ mask: LLVMValueRef?,
    _ fallback: LLVMValueRef?
  ) -> LLVMValueRef {
    let count = b.lanes(ofType: vector)
    let bytes = byteWidth(b.element(of: vector))
    return b.intrinsic(
      "llvm.masked.gather", [vector, b.type(of: pointers)],
      [
        pointers, b.constant(Int64(bytes), b.i32),
        mask ?? b.constant(-1 as Int64, b.vector(b.i1, count)), fallback ?? b.zero(vector),
      ])
  }

  private func scatter(_ value: LLVMValueRef, _ pointers: LLVMValueRef, _ mask: LLVMValueRef?) {
    let bytes = byteWidth(b.element(of: b.type(of: value)))
    let allOn = b.constant(-1 as Int64, b.vector(b.i1, b.lanes(of: value)))
    _ = b.intrinsic(
      "llvm.masked.scatter", [b.type(of: value), b.type(of: pointers)],
      [value, pointers, b.constant(Int64(bytes), b.i32), mask ?? allOn])
  }
}
