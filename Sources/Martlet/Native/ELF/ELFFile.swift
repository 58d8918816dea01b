package import Foundation

/// The sections of an object file, library or executable for a 64-bit little-endian machine.
package struct ELFFile {
  private let file: FileHandle

  package init(_ file: FileHandle) { self.file = file }

  /// Where the contents of a section are in the file, nil when there is none of that name.
  package func range(ofSection name: String) throws -> Range<Int>? {
    let header = try bytes(at: 0, count: ELFFormat.headerByteCount)
    guard header.count == ELFFormat.headerByteCount, header.starts(with: [0x7f, 0x45, 0x4c, 0x46])
    else { return nil }
    let table = Int(Self.number(header, at: 40, as: UInt64.self))
    let first = try section(0, table)
    let count = Self.number(header, at: 60, as: UInt16.self)
    let names = Self.number(header, at: 62, as: UInt16.self)
    let sectionCount = count == 0 ? Int(first.byteCount) : Int(count)
    let strings = try section(
      names == ELFFormat.extendedIndex ? Int(first.link) : Int(names), table)
    let wanted = Array(name.utf8) + [0]
    for number in 1..<max(1, sectionCount) {
      let section = try section(number, table)
      let start = Int(strings.offset) + Int(section.name)
      if try bytes(at: start, count: wanted.count) == wanted {
        return Int(section.offset)..<Int(section.offset + section.byteCount)
      }
    }
    return nil
  }

  private func section(_ number: Int, _ table: Int) throws -> ELFSection {
    let header = try bytes(
      at: table + number * ELFFormat.sectionHeaderByteCount,
      count: ELFFormat.sectionHeaderByteCount)
    guard header.count == ELFFormat.sectionHeaderByteCount else { return ELFSection() }
    return ELFSection(
      name: Self.number(header, at: 0, as: UInt32.self),
      type: Self.number(header, at: 4, as: UInt32.self),
      offset: Self.number(header, at: 24, as: UInt64.self),
      byteCount: Self.number(header, at: 32, as: UInt64.self),
      link: Self.number(header, at: 40, as: UInt32.self))
  }

  private func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    try file.seek(toOffset: UInt64(offset))
    return Array(try file.read(upToCount: count) ?? Data())
  }

  private static func number<Number: FixedWidthInteger>(
    _ bytes: [UInt8], at offset: Int, as: Number.Type
  ) -> Number {
    var value: Number = 0
    for index in 0..<Number.bitWidth / 8 {
      value |= Number(truncatingIfNeeded: bytes[offset + index]) << (8 * index)
    }
    return value
  }
}
