package import Diagnostics
import Foundation

/// An object file with one read-only section of zeros, which are a hole in the file.
///
/// It stands for bytes that are written into the artefact once it is linked. Given to the linker themselves, they would
/// be written three times: to a file, to an object and to the artefact.
package struct ELFPlaceholder: Sendable {
  package let section: String
  /// The symbol of the section's first byte, which only the artefact sees.
  package let symbol: String
  package let byteCount: Int
  package let alignment: Int
  /// `x86_64` or `aarch64`.
  package let architecture: String

  private static let sectionCount = 5

  package init(
    section: String, symbol: String, byteCount: Int, alignment: Int, architecture: String
  ) {
    self.section = section
    self.symbol = symbol
    self.byteCount = byteCount
    self.alignment = alignment
    self.architecture = architecture
  }

  /// Everything but the hole, and where that begins.
  private var head: (bytes: [UInt8], dataOffset: Int) {
    let names = ["", section, ".note.GNU-stack", ".symtab", ".strtab", symbol]
    var starts: [Int] = []
    var strings: [UInt8] = []
    for name in names {
      starts.append(strings.count)
      strings += Array(name.utf8) + [0]
    }
    let stringsOffset = ELFFormat.headerByteCount
    let symbolsOffset = aligned(stringsOffset + strings.count, to: 8)
    let symbolsByteCount = 2 * ELFFormat.symbolByteCount
    let sectionsOffset = symbolsOffset + symbolsByteCount
    let end = sectionsOffset + Self.sectionCount * ELFFormat.sectionHeaderByteCount
    let dataOffset = aligned(end, to: alignment)

    var bytes = ELFBytes()
    bytes.append([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + Array(repeating: 0, count: 8))
    bytes.append(ELFFormat.relocatable)
    bytes.append(
      architecture == "aarch64" ? ELFFormat.aarch64Machine : ELFFormat.x86Machine)
    bytes.append(UInt32(1))
    bytes.append(UInt64(0))
    bytes.append(UInt64(0))
    bytes.append(UInt64(sectionsOffset))
    bytes.append(UInt32(0))
    for value in [ELFFormat.headerByteCount, 0, 0, ELFFormat.sectionHeaderByteCount] {
      bytes.append(UInt16(value))
    }
    bytes.append(UInt16(Self.sectionCount))
    bytes.append(UInt16(Self.sectionCount - 1))

    bytes.append(strings)
    bytes.pad(to: symbolsOffset)
    bytes.append(Array(repeating: 0, count: ELFFormat.symbolByteCount))
    bytes.append(UInt32(starts[5]))
    bytes.append([ELFFormat.globalObject, ELFFormat.hidden])
    bytes.append(UInt16(1))
    bytes.append(UInt64(0))
    bytes.append(UInt64(byteCount))

    let sections = [
      ELFSection(),
      ELFSection(
        name: UInt32(starts[1]), type: ELFFormat.programBits, flags: ELFFormat.allocated,
        offset: UInt64(dataOffset), byteCount: UInt64(byteCount), alignment: UInt64(alignment)),
      // The artefact's stack holds no code.
      ELFSection(
        name: UInt32(starts[2]), type: ELFFormat.programBits, offset: UInt64(dataOffset),
        alignment: 1),
      ELFSection(
        name: UInt32(starts[3]), type: ELFFormat.symbolTable, offset: UInt64(symbolsOffset),
        byteCount: UInt64(symbolsByteCount), link: 4, info: 1, alignment: 8,
        entryByteCount: UInt64(ELFFormat.symbolByteCount)),
      ELFSection(
        name: UInt32(starts[4]), type: ELFFormat.stringTable, offset: UInt64(stringsOffset),
        byteCount: UInt64(strings.count), alignment: 1),
    ]
    for section in sections { bytes.append(section) }
    return (bytes.bytes, dataOffset)
  }

  /// - Throws: `file.write`.
  package func write(to path: String) throws(Diagnostic) {
    let (bytes, dataOffset) = head
    try writeFile(Data(bytes), to: path)
    guard truncate(path, off_t(dataOffset + byteCount)) == 0 else {
      throw Diagnostic(
        "file.write", "cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
  }

  private func aligned(_ offset: Int, to alignment: Int) -> Int {
    (offset + alignment - 1) / alignment * alignment
  }
}

/// Bytes of a file in the making, numbers in little-endian order.
private struct ELFBytes {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ more: [UInt8]) { bytes += more }

  mutating func append<Number: FixedWidthInteger>(_ value: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func append(_ section: ELFSection) {
    append(section.name)
    append(section.type)
    append(section.flags)
    append(UInt64(0))
    append(section.offset)
    append(section.byteCount)
    append(section.link)
    append(section.info)
    append(section.alignment)
    append(section.entryByteCount)
  }

  mutating func pad(to offset: Int) {
    bytes += Array(repeating: 0, count: offset - bytes.count)
  }
}
