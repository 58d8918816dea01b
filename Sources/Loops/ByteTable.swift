/// 256 bytes, one for each byte.
package struct ByteTable: Hashable, Sendable {
  package let bytes: [UInt8]

  /// - Precondition: there are 256.
  package init(_ bytes: [UInt8]) {
    precondition(bytes.count == 256, "a table has a byte for each byte")
    self.bytes = bytes
  }
}

extension ByteTable: CustomStringConvertible {
  /// The bytes as hexadecimal digits.
  package var description: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
