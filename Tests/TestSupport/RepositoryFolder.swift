import Foundation

/// Files of this repository, and of the folder of large test data that may lie beside it.
package enum RepositoryFolder {
  /// The package's root.
  package static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  package static func path(_ relative: String) -> String { "\(root)/\(relative)" }

  /// A file or folder beside the package, in `shared`; nil where it does not exist.
  ///
  /// `MARTLET_SHARED` names the folder when it lies elsewhere.
  package static func shared(_ relative: String) -> String? {
    let folder = ProcessInfo.processInfo.environment["MARTLET_SHARED"] ?? path("../shared")
    let path = "\(folder)/\(relative)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }
}
