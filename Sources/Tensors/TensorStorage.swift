/// The bytes behind tensors: immutable once made, shared by copies of a graph, possibly mapped from a file.
///
/// Foreign memory stays valid as long as `owner` lives. Strings are kept as Swift strings instead.
public final class TensorStorage: @unchecked Sendable {
  public let bytes: UnsafeRawBufferPointer
  public let strings: [String]
  private let owner: AnyObject?
  private let ownsMemory: Bool

  /// Zero-filled memory of our own, aligned to 64 bytes, written once by `fill`.
  public init(byteCount: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Swift.max(byteCount, 1), alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    let used = UnsafeMutableRawBufferPointer(rebasing: memory[0..<byteCount])
    fill(used)
    bytes = UnsafeRawBufferPointer(used)
    strings = []
    owner = nil
    ownsMemory = true
  }

  /// Memory that `owner` keeps alive, such as a mapped file.
  public init(borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
    self.bytes = bytes
    self.strings = []
    self.owner = owner
    self.ownsMemory = false
  }

  public init(strings: [String]) {
    self.bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    self.strings = strings
    self.owner = nil
    self.ownsMemory = false
  }

  deinit {
    if ownsMemory { UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.deallocate() }
  }
}
