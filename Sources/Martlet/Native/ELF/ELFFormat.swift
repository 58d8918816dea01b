/// The numbers of the ELF format for 64-bit little-endian machines that are used here.
///
/// Source: System V Application Binary Interface, chapters 4 and 5; the machines' numbers are in their supplements.
enum ELFFormat {
  static let headerByteCount = 64
  static let sectionHeaderByteCount = 64
  static let symbolByteCount = 24

  static let x86Machine: UInt16 = 62
  static let aarch64Machine: UInt16 = 183
  static let relocatable: UInt16 = 1

  /// Section types.
  static let programBits: UInt32 = 1
  static let symbolTable: UInt32 = 2
  static let stringTable: UInt32 = 3
  /// The section is loaded.
  static let allocated: UInt64 = 2

  /// A global object, and that only its own module sees it.
  static let globalObject: UInt8 = 0x11
  static let hidden: UInt8 = 2

  /// A header's number of sections, or of the section of names, that stands in the first section header.
  static let extendedIndex: UInt16 = 0xffff
}

/// A section header, `Elf64_Shdr`.
struct ELFSection {
  /// Where its name starts in the section of names.
  var name: UInt32 = 0
  var type: UInt32 = 0
  var flags: UInt64 = 0
  var offset: UInt64 = 0
  var byteCount: UInt64 = 0
  var link: UInt32 = 0
  var info: UInt32 = 0
  var alignment: UInt64 = 0
  var entryByteCount: UInt64 = 0
}
