import Diagnostics
import LLVMBackend
import Loops
import Tensors

/// Memory for one run of a kernel: a writable copy of each buffer parameter's bytes.
struct Launch {
  /// Bytes around each buffer that must not change.
  static let guardByteCount = 64
  private static let guardByte: UInt8 = 0xa5

  /// Runs the machine form of a kernel over copies of `buffers` and returns what they hold afterwards.
  static func run(
    _ function: JIT.Function, _ buffers: [[UInt8]], values: [Int64] = [], range: Range<Int>,
    scratchByteCount: Int = 0
  ) throws -> [[UInt8]] {
    let memories = buffers.map { bytes -> UnsafeMutableRawBufferPointer in
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: bytes.count + 2 * guardByteCount, alignment: 64)
      memory.initializeMemory(as: UInt8.self, repeating: guardByte)
      for (index, byte) in bytes.enumerated() { memory[guardByteCount + index] = byte }
      return memory
    }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(64, scratchByteCount), alignment: 64)
    defer {
      for memory in memories { memory.deallocate() }
      scratch.deallocate()
    }
    let table = memories.map { memory -> UnsafeMutableRawPointer? in
      memory.baseAddress.map { $0 + guardByteCount }
    }
    function(table, values, Int64(range.lowerBound), Int64(range.upperBound), scratch.baseAddress)
    for (number, memory) in memories.enumerated() {
      let before = memory.prefix(guardByteCount)
      let after = memory.suffix(guardByteCount)
      guard before.allSatisfy({ $0 == guardByte }), after.allSatisfy({ $0 == guardByte }) else {
        throw Diagnostic("test.out-of-bounds", "buffer \(number) was written outside of its bounds")
      }
    }
    return memories.map { Array($0.dropFirst(guardByteCount).dropLast(guardByteCount)) }
  }
}

extension Array where Element: BitwiseCopyable {
  /// The elements' bytes.
  var rawBytes: [UInt8] { withUnsafeBytes { Array<UInt8>($0) } }

  /// Elements from their bytes.
  init(rawBytes: [UInt8]) {
    self = rawBytes.withUnsafeBytes { Array($0.bindMemory(to: Element.self)) }
  }
}
