import CZip
public import Diagnostics
import Foundation
public import Tensors

/// Reads `.npz` files: zip archives of `.npy` files, one per named array.
public enum NumpyArchive {
  /// Every array by name, the `.npy` of its entry's name left off.
  ///
  /// - Throws: `file.read`, `numpy.archive`, `numpy.format`, `numpy.type`.
  public static func read(_ path: String) throws(Diagnostic) -> [String: Tensor] {
    let archive = try open(path)
    defer { zip_discard(archive) }
    var arrays: [String: Tensor] = [:]
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      guard let spelled = zip_get_name(archive, index, 0) else { continue }
      let name = String(cString: spelled)
      guard name.hasSuffix(".npy") else { continue }
      let content = try entry(index, of: archive, named: "\(path)[\(name)]")
      arrays[String(name.dropLast(4))] = try NumpyFile.decode(content, name: "\(path)[\(name)]")
    }
    return arrays
  }

  /// - Throws: `numpy.archive`.
  private static func open(_ path: String) throws(Diagnostic) -> OpaquePointer {
    var status: Int32 = 0
    if let archive = zip_open(path, ZIP_RDONLY, &status) { return archive }
    var details = zip_error_t()
    zip_error_init_with_code(&details, status)
    defer { zip_error_fini(&details) }
    let reason = zip_error_strerror(&details).map { String(cString: $0) } ?? "code \(status)"
    throw Diagnostic("numpy.archive", "cannot read: \(reason.lowercased())", at: .file(path))
  }

  /// Every array by name, to be read in pieces.
  ///
  /// - Throws: `numpy.archive`, `numpy.format`, `numpy.type`.
  static func streams(_ path: String) throws(Diagnostic) -> [String: NumpyStream] {
    let archive = try open(path)
    defer { zip_discard(archive) }
    var streams: [String: NumpyStream] = [:]
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      guard let spelled = zip_get_name(archive, index, 0) else { continue }
      let name = String(cString: spelled)
      guard name.hasSuffix(".npy") else { continue }
      streams[String(name.dropLast(4))] = try NumpyStream(
        archive: try open(path), entry: index, name: "\(path)[\(name)]")
    }
    return streams
  }

  private static func entry(
    _ index: UInt64, of archive: OpaquePointer, named name: String
  ) throws(Diagnostic) -> Data {
    var status = zip_stat_t()
    guard zip_stat_index(archive, index, 0, &status) == 0,
      let file = zip_fopen_index(archive, index, 0)
    else {
      throw Diagnostic("numpy.archive", "the entry cannot be opened", at: .file(name))
    }
    defer { zip_fclose(file) }
    // The size that an entry claims is not trusted with an allocation: it is read piece by piece.
    var content = Data()
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = zip_fread(file, &piece, UInt64(piece.count))
      if count < 0 {
        throw Diagnostic("numpy.archive", "the entry is damaged", at: .file(name))
      }
      if count == 0 { return content }
      content.append(contentsOf: piece[0..<Int(count)])
    }
  }
}
