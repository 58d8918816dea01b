import Diagnostics
import Foundation

/// The content of a file, mapped where the system can.
///
/// - Throws: `file.read` with the system's reason.
func readFile(_ path: String) throws(Diagnostic) -> Data {
  do {
    return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
  } catch {
    throw Diagnostic("file.read", "cannot read: \(reason(error))", at: .file(path))
  }
}

/// Replaces a file at once: readers see the old content or the new, never a part.
///
/// - Throws: `file.write` with the system's reason.
func writeFile(_ data: Data, to path: String) throws(Diagnostic) {
  do {
    try data.write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw Diagnostic("file.write", "cannot write: \(reason(error))", at: .file(path))
  }
}

/// Gives a finished file its name, at once and over whatever has it: readers see the old file or the new.
///
/// - Throws: `file.write` with the system's reason.
func moveFile(_ partial: String, over path: String) throws(Diagnostic) {
  guard rename(partial, path) == 0 else {
    let reason = String(cString: strerror(errno)).lowercased()
    throw Diagnostic("file.write", "cannot write: \(reason)", at: .file(path))
  }
}

/// The names of what is in a folder, in no order; empty when there is no such folder.
///
/// - Throws: `file.read` with the system's reason.
func namesInFolder(_ path: String) throws(Diagnostic) -> [String] {
  guard FileManager.default.fileExists(atPath: path) else { return [] }
  do {
    return try FileManager.default.contentsOfDirectory(atPath: path)
  } catch {
    throw Diagnostic("file.read", "cannot read the folder: \(reason(error))", at: .file(path))
  }
}

/// Makes a folder and those above it, where they are missing.
///
/// - Throws: `file.write` with the system's reason.
func makeFolder(_ path: String) throws(Diagnostic) {
  do {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
  } catch {
    throw Diagnostic("file.write", "cannot make the folder: \(reason(error))", at: .file(path))
  }
}

/// The system's own words for why a file operation failed.
private func reason(_ error: any Error) -> String {
  let error = error as NSError
  let code =
    (error.userInfo[NSUnderlyingErrorKey] as? NSError)?.code
    ?? (error.domain == NSPOSIXErrorDomain ? error.code : nil)
  if let code { return String(cString: strerror(Int32(code))).lowercased() }
  switch CocoaError.Code(rawValue: error.code) {
  case .fileNoSuchFile, .fileReadNoSuchFile: return "no such file or directory"
  case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
  default: return error.localizedDescription
  }
}
