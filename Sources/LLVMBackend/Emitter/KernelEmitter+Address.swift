import CLLVM
import Diagnostics
import Loops
import Tensors

/// How the lanes of one access lie in memory.
enum Access {
  /// All lanes touch the same element.
  case uniform(LLVMValueRef)
  /// Lane `l` touches the element `l` after the address.
  case contiguous(LLVMValueRef)
  /// Lane `l` touches the element `l * stride` after the address.
  case strided(LLVMValueRef, stride: Int)
  /// The element's distance from a base pointer, lane by lane, with the stride where it is a scalar.
  case scattered(LLVMValueRef, offsets: LLVMValueRef)
}

/// Positions in buffers as addresses.
extension KernelEmitter {
  /// Classifies an access and computes its address.
  func access(_ buffer: Buffer, _ position: [IndexExpr]) throws(Diagnostic) -> Access {
    let linear = resolve(buffer.linear(position))
    let element = try memoryType(buffer.element)
    if !scope.isVarying(linear) { return .uniform(try address(buffer, element, linear)) }
    if let (start, stride) = affine(linear) {
      let base = try address(buffer, element, start)
      switch stride.value {
      case 0: return .uniform(base)
      case 1: return .contiguous(base)
      case .some(let stride): return .strided(base, stride: stride)
      case nil:
        let count = scope.laneCount
        let steps = b.mulIndex(b.iota(count, b.i64), b.splat(try scalar(stride), count))
        return .scattered(base, offsets: steps)
      }
    }
    let base = try pointer(buffer)
    let offsets = widen(try index(linear))
    return .scattered(base, offsets: narrowed(offsets, linear))
  }

  /// Offsets as 32-bit integers where they are known to fit: gathers take twice as many of those.
  private func narrowed(_ offsets: LLVMValueRef, _ linear: IndexExpr) -> LLVMValueRef {
    guard let bounds = linear.bounds, bounds.lowerBound >= 0, bounds.upperBound <= Int(Int32.max)
    else { return offsets }
    return LLVMBuildTrunc(b.ref, offsets, b.like(offsets, b.i32), "")
  }

  /// The address of an element at a distance that all lanes share.
  ///
  /// Parts are added outermost loop first and the constant last: what an inner loop does not change is computed
  /// outside of it, and neighbours of an unrolled tile differ only in the constant, which instructions can hold.
  func address(
    _ buffer: Buffer, _ element: LLVMTypeRef, _ linear: IndexExpr
  ) throws(Diagnostic) -> LLVMValueRef {
    var address = try pointer(buffer)
    for group in groups(linear) {
      let sum = try scalarSum(group)
      address = gep(element, address, isLongSumOfSizes(group) ? b.freeze(sum) : sum)
    }
    if linear.constant != 0 { address = gep(element, address, b.index(linear.constant)) }
    return address
  }

  /// Whether LLVM should take a sum for one value.
  ///
  /// Its loop strength reduction tries every way to split a sum between registers, in more than the square of its
  /// length: a part of a concatenation lies behind the sum of all sizes before it, and detectors concatenate 90
  /// parts of open sizes. No loop changes such a sum, so nothing is gained by splitting it.
  private func isLongSumOfSizes(_ terms: [IndexExpr.Term]) -> Bool {
    terms.count > 8 && terms.allSatisfy { $0.factors.allSatisfy { depth(of: $0) == 0 } }
  }

  /// The pointer that a buffer's offset counts from.
  private func pointer(_ buffer: Buffer) throws(Diagnostic) -> LLVMValueRef {
    switch buffer.base {
    case .parameter(let number):
      guard parameters.indices.contains(number) else {
        throw broken("buffer '\(buffer.name)' is parameter \(number) of \(parameters.count)")
      }
      return parameters[number]
    case .scratch(let byteOffset):
      return byteOffset == 0 ? scratch : gep(b.i8, scratch, b.index(byteOffset))
    }
  }

  /// What an address is surely a multiple of, in bytes.
  func alignment(_ buffer: Buffer, _ position: [IndexExpr]) -> UInt32 {
    let bytes = max(1, buffer.element.bitWidth / 8)
    var base = buffer.alignment
    if case .scratch(let byteOffset) = buffer.base { base = gcd(64, byteOffset) }
    var linear = resolve(buffer.linear(position))
    if let (start, _) = affine(linear) { linear = start }
    let known = gcd(base, multiple(of: linear) * bytes)
    return UInt32(max(known & -known, bytes))
  }

  /// A type as it is held in memory.
  func memoryType(_ element: ElementType) throws(Diagnostic) -> LLVMTypeRef {
    element == .bool ? b.i8 : try type(element)
  }
}
