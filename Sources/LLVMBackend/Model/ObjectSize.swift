import CLLVM
package import Diagnostics

/// What an object file adds to the program that it is linked into.
package enum ObjectSize {
  /// Sections that are loaded: code, and the data that it reads.
  private static let loaded = [".text", ".rodata", ".data"]

  /// Bytes of code and data, without symbols, relocations and unwinding tables.
  ///
  /// - Throws: `backend.emission-failed` when LLVM cannot read the object.
  package static func byteCount(_ object: [UInt8]) throws(Diagnostic) -> Int {
    let buffer = object.withUnsafeBytes { bytes in
      LLVMCreateMemoryBufferWithMemoryRangeCopy(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, "object")
    }
    defer { LLVMDisposeMemoryBuffer(buffer) }
    var message: UnsafeMutablePointer<CChar>?
    guard let binary = LLVMCreateBinary(buffer, nil, &message) else {
      let text = message.map { String(consuming: $0) } ?? ""
      throw .internal("backend.emission-failed", "llvm: \(text)")
    }
    defer { LLVMDisposeBinary(binary) }
    guard let section = LLVMObjectFileCopySectionIterator(binary) else { return 0 }
    defer { LLVMDisposeSectionIterator(section) }
    var total = 0
    while LLVMObjectFileIsSectionIteratorAtEnd(binary, section) == 0 {
      let name = LLVMGetSectionName(section).map { String(cString: $0) } ?? ""
      if loaded.contains(where: name.hasPrefix) { total += Int(LLVMGetSectionSize(section)) }
      LLVMMoveToNextSection(section)
    }
    return total
  }
}
