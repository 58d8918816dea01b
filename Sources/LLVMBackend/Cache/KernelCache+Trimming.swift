import Glibc

extension KernelCache {
  /// What a compiler that stopped half way left behind is removed after an hour.
  private static let partialLifetime = 3600

  private struct Entry {
    let path: String
    let byteCount: Int
    let lastUse: timespec
  }

  /// Removes the entries whose last use is the longest ago until the rest is within the limit.
  ///
  /// Compilers that use an entry at that moment read it to its end or compile the kernel again.
  package func trim() {
    var entries = self.entries()
    var total = entries.map(\.byteCount).reduce(0, +)
    if total <= limit { return }
    entries.sort {
      ($0.lastUse.tv_sec, $0.lastUse.tv_nsec) < ($1.lastUse.tv_sec, $1.lastUse.tv_nsec)
    }
    for entry in entries {
      if total <= limit { break }
      unlink(entry.path)
      total -= entry.byteCount
    }
  }

  /// All entries, after the remains of compilers that stopped have been removed.
  private func entries() -> [Entry] {
    guard let folder = opendir(directory) else { return [] }
    defer { closedir(folder) }
    var entries: [Entry] = []
    while let item = readdir(folder) {
      let name = withUnsafePointer(to: &item.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let path = "\(directory)/\(name)"
      var information = stat()
      guard stat(path, &information) == 0 else { continue }
      if name.hasPrefix(Self.partialPrefix) {
        if time(nil) - information.st_mtim.tv_sec > Self.partialLifetime { unlink(path) }
      } else if name.hasSuffix(Self.suffix) {
        entries.append(
          Entry(
            path: path, byteCount: Int(information.st_size), lastUse: information.st_mtim))
      }
    }
    return entries
  }
}
