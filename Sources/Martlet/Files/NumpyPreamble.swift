import Diagnostics
import Foundation
import Tensors

/// What stands before the elements of a `.npy` file.
struct NumpyPreamble {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Bytes from the start that say how long the preamble is.
  static let lengthByteCount = 12

  /// Of the whole preamble: where the elements begin.
  let byteCount: Int
  let type: NumpyType
  let shape: [Int]
  let isColumnMajor: Bool

  /// The length of the preamble that starts with some bytes; nil when they are not the start of a `.npy` file.
  static func byteCount(_ bytes: Data) -> Int? {
    let bytes = Data(bytes)
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(magic) else { return nil }
    let start = bytes[6] >= 2 ? 12 : 10
    guard bytes.count >= start else { return nil }
    return start + bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Reads the preamble at the start of a file's content; `name` is for messages.
  ///
  /// - Throws: `numpy.format`, `numpy.type`.
  init(_ bytes: Data, name: String) throws(Diagnostic) {
    guard let byteCount = Self.byteCount(bytes.prefix(Self.lengthByteCount)) else {
      throw Self.malformed("it does not start with the magic bytes", name)
    }
    let start = bytes.dropFirst(6).first ?? 0 >= 2 ? 12 : 10
    guard bytes.count >= byteCount,
      let header = String(data: bytes.prefix(byteCount).dropFirst(start), encoding: .utf8),
      let parsed = NumpyHeader(header)
    else { throw Self.malformed("its header is damaged", name) }
    self.byteCount = byteCount
    type = try NumpyType(parsed.descriptor, file: name)
    shape = parsed.shape
    isColumnMajor = parsed.isColumnMajor
  }

  static func malformed(_ reason: String, _ name: String) -> Diagnostic {
    Diagnostic("numpy.format", "not a .npy file: \(reason)", at: .file(name))
  }
}
