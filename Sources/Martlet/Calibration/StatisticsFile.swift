public import Calibration
public import Diagnostics
import Foundation

/// Calibration statistics in files: JSON with a version.
public enum StatisticsFile {
  private static let version = 1

  private struct Content: Codable {
    let version: Int
    let statistics: CalibrationStatistics
  }

  private struct Version: Codable {
    let version: Int
  }

  /// - Throws: `file.read`; `calibration.file` when it holds no statistics, `calibration.version` when they are in
  ///   another form.
  public static func read(_ path: String) throws(Diagnostic) -> CalibrationStatistics {
    let data = try readFile(path)
    do {
      let found = try JSONDecoder().decode(Version.self, from: data).version
      if found == version { return try JSONDecoder().decode(Content.self, from: data).statistics }
      throw Diagnostic(
        "calibration.version", "the statistics have version \(found), expected \(version)",
        at: .file(path))
    } catch let diagnostic as Diagnostic {
      throw diagnostic
    } catch {
      throw Diagnostic(
        "calibration.file", "found no statistics: \(error.localizedDescription)", at: .file(path))
    }
  }

  /// Writes the file beside `path` and renames it; equal statistics give equal files.
  ///
  /// - Throws: `file.write`.
  public static func write(
    _ statistics: CalibrationStatistics, to path: String
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try TextFile.write(
      String(
        decoding: encoder.encode(Content(version: version, statistics: statistics)), as: UTF8.self),
      to: path)
  }
}
