package import Diagnostics
import Glibc

/// A file that is being written: it appears under its name when it is complete.
package final class OutputFile {
  package let descriptor: Int32
  private let path: String
  private let temporary: String
  private var isFinished = false

  /// - Throws: `file.unwritable`.
  package init(_ path: String) throws(Diagnostic) {
    self.path = path
    temporary = "\(path).\(getpid()).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw Self.unwritable(path) }
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(temporary) }
  }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.unwritable(path) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Gives the file its name.
  package func finish() throws(Diagnostic) {
    guard rename(temporary, path) == 0 else { throw Self.unwritable(path) }
    isFinished = true
  }

  private static func unwritable(_ path: String) -> Diagnostic {
    Diagnostic(
      "file.unwritable", "cannot write '\(path)': \(String(cString: strerror(errno)))",
      at: .file(path))
  }
}
