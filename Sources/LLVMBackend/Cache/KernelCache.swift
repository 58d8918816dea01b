import Glibc

/// Object files of kernels that have been compiled before, in a folder that compilers share.
///
/// An entry is a file named by the hash of everything that its code follows from. It is written beside its place and
/// renamed, so a reader sees all of it or none, whoever else writes; a checksum finds damage, and a damaged entry counts
/// as missing. What cannot be read or written is no error: the kernel is compiled again.
package struct KernelCache: Hashable, Sendable {
  package let directory: String
  /// What `trim` leaves at most, in bytes of entries.
  package let limit: Int

  /// 256 MB hold the kernels of some hundred networks.
  package static let usualLimit = 256 << 20

  package init(directory: String, limit: Int = usualLimit) {
    self.directory = directory
    self.limit = limit
  }

  /// What an entry begins with; the number changes with the format.
  private static let magic = Array("martlet kernel 1\n".utf8)

  private func path(_ key: ContentHash) -> String { "\(directory)/\(key.text)\(Self.suffix)" }
  static let suffix = ".kernel"

  /// The object file of a key, nil when there is none or when it is damaged.
  package func object(for key: ContentHash) -> [UInt8]? {
    let path = path(key)
    guard let entry = Self.read(path) else { return nil }
    let header = Self.magic.count + ContentHash.byteCount
    guard entry.count > header, entry.starts(with: Self.magic) else { return discard(path) }
    let object = Array(entry[header...])
    guard Self.checksum(key, object).elementsEqual(entry[Self.magic.count..<header]) else {
      return discard(path)
    }
    // The time of the last use, by which `trim` chooses.
    utimensat(AT_FDCWD, path, nil, 0)
    return object
  }

  private func discard(_ path: String) -> [UInt8]? {
    unlink(path)
    return nil
  }

  /// Keeps an object file; false when that was not possible.
  @discardableResult
  package func insert(_ object: [UInt8], for key: ContentHash) -> Bool {
    guard Self.makeFolder(directory) else { return false }
    var template = Array("\(directory)/\(Self.partialPrefix)XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { return false }
    let partial = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let isWritten = Self.write(Self.magic + Self.checksum(key, object) + object, to: file)
    if close(file) == 0, isWritten, rename(partial, path(key)) == 0 { return true }
    unlink(partial)
    return false
  }
  static let partialPrefix = "partial-"

  /// Covers the key as well: an entry under another's name is damaged too.
  private static func checksum(_ key: ContentHash, _ object: [UInt8]) -> [UInt8] {
    ContentHash([key.bytes, object]).bytes
  }

  private static func makeFolder(_ path: String) -> Bool {
    var information = stat()
    if stat(path, &information) == 0 { return information.st_mode & S_IFMT == S_IFDIR }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      guard makeFolder(String(path[..<slash])) else { return false }
    }
    return mkdir(path, 0o755) == 0 || errno == EEXIST
  }

  private static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var information = stat()
    guard fstat(file, &information) == 0, information.st_size > 0 else { return nil }
    let count = Int(information.st_size)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        let got = Glibc.read(file, start + filled, count - filled)
        if got <= 0 { break }
        filled += got
      }
    }
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count, let start = buffer.baseAddress {
        let written = Glibc.write(file, start + done, buffer.count - done)
        if written <= 0 { return false }
        done += written
      }
      return true
    }
  }
}
