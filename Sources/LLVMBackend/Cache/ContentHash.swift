import CLLVM

/// A BLAKE3 hash of 256 bits: equal for equal contents, and for no others that anyone will ever meet.
///
/// Source: O'Connor, Aumasson, Neves and Wilcox-O'Hearn 2020, "BLAKE3: one function, fast everywhere"; the computation
/// is the authors' own, as LLVM ships it.
package struct ContentHash: Hashable, Sendable {
  package static let byteCount = 32

  package let bytes: [UInt8]

  /// The hash of some parts, which are told apart: moving bytes from one to the next gives another hash.
  package init(_ parts: [[UInt8]]) {
    var hasher = llvm_blake3_hasher()
    llvm_blake3_hasher_init(&hasher)
    for part in parts {
      withUnsafeBytes(of: UInt64(part.count).littleEndian) {
        llvm_blake3_hasher_update(&hasher, $0.baseAddress, $0.count)
      }
      llvm_blake3_hasher_update(&hasher, part, part.count)
    }
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    llvm_blake3_hasher_finalize(&hasher, &bytes, bytes.count)
    self.bytes = bytes
  }

  /// 64 hexadecimal digits.
  package var text: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
