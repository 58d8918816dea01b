import Diagnostics

/// A path that a dataset's file names, within the dataset's folder.
///
/// Only the text is judged: links in a dataset's folder are its owner's own.
struct DatasetPath {
  /// Without `.` and empty parts.
  let text: String

  /// - Throws: `dataset.path` for an absolute path and for one that leads out of the folder.
  init(_ path: String, at location: Location) throws(Diagnostic) {
    var parts: [Substring] = []
    var escapes = path.hasPrefix("/")
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        escapes = escapes || parts.isEmpty
        _ = parts.popLast()
      } else {
        parts.append(part)
      }
    }
    guard !escapes, !parts.isEmpty else {
      throw Diagnostic(
        "dataset.path", "found '\(path)', expected a path within the dataset's folder",
        at: location)
    }
    text = parts.joined(separator: "/")
  }
}
