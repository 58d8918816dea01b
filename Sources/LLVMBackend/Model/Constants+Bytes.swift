package import Diagnostics
import Glibc
package import Loops
import Tensors

/// The packed constants of a program, copied once to where they will be read.
extension Program.Constants {
  /// Writes every constant at its offset; bytes between them are left as they are.
  ///
  /// - Precondition: `memory` holds at least `byteCount` bytes.
  package func copy(to memory: UnsafeMutableRawBufferPointer) {
    for (offset, tensor) in entries {
      tensor.withBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: memory[offset...]).copyMemory(from: bytes)
      }
    }
  }

  /// Writes the constants to a file, zero where there are none.
  ///
  /// - Throws: `backend.write-failed` with the system's reason.
  package func write(toFile path: String) throws(Diagnostic) {
    guard let file = fopen(path, "wb") else { throw Self.failure(path) }
    defer { fclose(file) }
    var position = 0
    for (offset, tensor) in entries {
      let padding = [UInt8](repeating: 0, count: offset - position)
      guard fwrite(padding, 1, padding.count, file) == padding.count,
        tensor.withBytes({ fwrite($0.baseAddress, 1, $0.count, file) }) == tensor.byteCount
      else { throw Self.failure(path) }
      position = offset + tensor.byteCount
    }
    if fflush(file) != 0 { throw Self.failure(path) }
  }

  private static func failure(_ path: String) -> Diagnostic {
    Diagnostic(
      "backend.write-failed", "cannot write '\(path)': \(String(cString: strerror(errno)))")
  }
}
