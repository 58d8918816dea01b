import Foundation

/// Where the standard's node cases lie on this machine.
package enum ConformanceData {
  /// The folder with one folder per case; nil where the data is absent.
  ///
  /// `MARTLET_CONFORMANCE` names it; otherwise the archive beside the package is unpacked once, into `.build`.
  package static let root: String? = {
    if let folder = ProcessInfo.processInfo.environment["MARTLET_CONFORMANCE"] { return folder }
    guard let archive = RepositoryFolder.shared("conformance/onnx-1.23.2-node-cases.tar.xz") else {
      return nil
    }
    return try? unpacked(archive, into: RepositoryFolder.path(".build/conformance-1.23.2"))
  }()

  private static func unpacked(_ archive: String, into folder: String) throws -> String {
    let files = FileManager.default
    if !files.fileExists(atPath: folder) {
      // Unpacked elsewhere and moved, so that an interrupted or a concurrent run leaves nothing half done.
      let scratch = "\(folder).\(ProcessInfo.processInfo.processIdentifier)"
      try files.createDirectory(atPath: scratch, withIntermediateDirectories: true)
      let tar = Process()
      tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      tar.arguments = ["tar", "-xJf", archive, "-C", scratch]
      try tar.run()
      tar.waitUntilExit()
      guard tar.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
      try? files.moveItem(atPath: scratch, toPath: folder)
      try? files.removeItem(atPath: scratch)
    }
    return try caseFolder(in: folder)
  }

  /// The archive may keep the cases in a folder of their own.
  private static func caseFolder(in folder: String) throws -> String {
    let entries = try FileManager.default.contentsOfDirectory(atPath: folder)
    if entries.contains(where: { $0.hasPrefix("test_") }) || entries.count != 1 { return folder }
    return try caseFolder(in: "\(folder)/\(entries[0])")
  }
}
