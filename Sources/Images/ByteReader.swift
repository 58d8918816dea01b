import Diagnostics

/// Reads the bytes of a file from front to back; what lies behind their end is damage.
struct ByteReader {
  private let bytes: [UInt8]
  var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func damaged(_ reason: String) -> Diagnostic { Diagnostic("image.damaged", reason) }

  /// - Throws: `image.damaged` when fewer are left.
  mutating func take(_ count: Int) throws(Diagnostic) -> ArraySlice<UInt8> {
    guard position >= 0, count >= 0, position <= bytes.count, bytes.count - position >= count else {
      throw Self.damaged("the file ends early")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func skip(_ count: Int) throws(Diagnostic) { _ = try take(count) }

  /// An unsigned integer of so many bytes, the lowest first.
  mutating func word(_ count: Int) throws(Diagnostic) -> Int {
    try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// A signed integer of four bytes, the lowest first.
  mutating func signedWord() throws(Diagnostic) -> Int {
    Int(Int32(truncatingIfNeeded: try word(4)))
  }

  /// A decimal number behind white space and comments, which run from `#` to the end of their line.
  ///
  /// - Throws: `image.damaged` when there is none, or none below 2^31.
  mutating func number() throws(Diagnostic) -> Int {
    try skipSpace()
    var value = 0
    let start = position
    while position < bytes.count, (48...57).contains(bytes[position]), value < 1 << 31 {
      value = value * 10 + Int(bytes[position] - 48)
      position += 1
    }
    guard position > start, value < 1 << 31 else { throw Self.damaged("a number is missing") }
    return value
  }

  /// A digit that is 0 or 1, behind white space and comments.
  ///
  /// - Throws: `image.damaged` when there is none.
  mutating func bit() throws(Diagnostic) -> Int {
    try skipSpace()
    let digit = try word(1) - 48
    guard digit == 0 || digit == 1 else { throw Self.damaged("a bit is missing") }
    return digit
  }

  private mutating func skipSpace() throws(Diagnostic) {
    while position < bytes.count {
      if bytes[position] == 35 {
        while position < bytes.count, bytes[position] != 10 { position += 1 }
      } else if ![9, 10, 11, 12, 13, 32].contains(bytes[position]) {
        return
      }
      if position < bytes.count { position += 1 }
    }
  }
}
