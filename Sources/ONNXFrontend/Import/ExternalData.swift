import Diagnostics
import Glibc
import Synchronization
import Tensors

/// Finds the bytes of tensors that lie in files beside the model, and nowhere else.
///
/// Source: ONNX, docs/ExternalData.md; locations that leave the model's folder are refused (CVE-2022-25882,
/// CVE-2024-27318).
final class ExternalData: Sendable {
  private let folder: String?
  private let files = Mutex<[String: MappedFile]>([:])

  /// - Parameter folder: the model's folder; nil for a model that is not a file.
  init(folder: String?) { self.folder = folder }

  /// The bytes that the tensor's location, offset and length name.
  ///
  /// - Throws: `external-data.*` naming the tensor and the path.
  func bytes(of tensor: TensorMessage, byteCount: Int, _ name: String) throws(Diagnostic)
    -> (UnsafeRawBufferPointer, owner: AnyObject)
  {
    var location = ""
    var offset = 0
    var length = byteCount
    for entry in tensor.externalData {
      switch entry.key {
      case "location": location = entry.value
      case "offset": offset = try number(entry.value, "offset", name)
      case "length": length = try number(entry.value, "length", name)
      default: break
      }
    }
    if length != byteCount {
      throw Diagnostic(
        "external-data.length",
        "tensor '\(name)' has \(length) bytes in '\(location)', expected \(byteCount)")
    }
    let file = try file(location, name)
    let (end, overflow) = offset.addingReportingOverflow(byteCount)
    if overflow || end > file.bytes.count {
      throw Diagnostic(
        "external-data.past-end",
        "tensor '\(name)' needs \(byteCount) bytes at offset \(offset) of '\(location)', "
          + "which has \(file.bytes.count) bytes")
    }
    return (UnsafeRawBufferPointer(rebasing: file.bytes[offset..<end]), file)
  }

  private func number(_ text: String, _ key: String, _ name: String) throws(Diagnostic) -> Int {
    guard let value = Int(text), value >= 0 else {
      throw Diagnostic(
        "external-data.\(key)",
        "tensor '\(name)' has \(key) '\(text)', expected a number of bytes")
    }
    return value
  }

  private func file(_ location: String, _ name: String) throws(Diagnostic) -> MappedFile {
    if let known = files.withLock({ $0[location] }) { return known }
    let path = try resolve(location, name)
    let file = try MappedFile(path)
    files.withLock { $0[location] = file }
    return file
  }

  /// The real path of a location, which must lie in the model's folder with all symbolic links followed.
  private func resolve(_ location: String, _ name: String) throws(Diagnostic) -> String {
    guard let folder else {
      throw Diagnostic(
        "external-data.no-folder",
        "tensor '\(name)' lies in '\(location)', but the model was not read from a file")
    }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = !location.utf8.contains(0) && !location.hasPrefix("/")
    guard !location.isEmpty, isPlain, !parts.contains("..") else {
      throw outside(location, name, "expected a relative path inside the model's folder")
    }
    guard let root = realPath(folder), let path = realPath("\(folder)/\(location)") else {
      throw Diagnostic(
        "external-data.missing",
        "tensor '\(name)' lies in '\(location)', which is not in the model's folder")
    }
    guard path.hasPrefix(root == "/" ? root : root + "/") else {
      throw outside(location, name, "which leads out of the model's folder to '\(path)'")
    }
    return path
  }

  private func outside(_ location: String, _ name: String, _ reason: String) -> Diagnostic {
    Diagnostic("external-data.outside", "tensor '\(name)' lies in '\(location)', \(reason)")
  }

  private func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
