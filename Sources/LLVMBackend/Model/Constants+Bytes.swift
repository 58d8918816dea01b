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

  /// Writes every constant at its offset from `start` into an open file; bytes between them are left as they are.
  ///
  /// - Throws: `backend.write-failed` with the system's reason.
  package func write(toFile file: Int32, at start: Int) throws(Diagnostic) {
    for (offset, tensor) in entries {
      let isWritten = tensor.withBytes { bytes in
        var done = 0
        while done < bytes.count, let address = bytes.baseAddress {
          let place = off_t(start + offset + done)
          let count = pwrite(file, address + done, bytes.count - done, place)
          if count <= 0 { return false }
          done += count
        }
        return true
      }
      if !isWritten {
        throw Diagnostic(
          "backend.write-failed", "cannot write constants: \(String(cString: strerror(errno)))")
      }
    }
  }
}
