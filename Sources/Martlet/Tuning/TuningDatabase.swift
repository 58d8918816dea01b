public import Diagnostics
import Foundation

/// Which kernels were faster than the ones that the cost model takes, for processors and problems that were measured.
public struct TuningDatabase: Codable, Sendable, Hashable {
  /// What was found for a problem.
  public struct Entry: Codable, Sendable, Hashable {
    /// The row of the kernel table.
    public var row: String
    /// Its time over that of the row that the cost model takes.
    public var ratio: Double

    public init(row: String, ratio: Double) {
      self.row = row
      self.ratio = ratio
    }
  }

  /// The layout of the file.
  public private(set) var version = Self.currentVersion
  /// By processor, as LLVM names it, and problem.
  public var processors: [String: [String: Entry]] = [:]

  private static let currentVersion = 1

  public init() {}

  /// Reads a database.
  ///
  /// - Throws: a `Diagnostic` when the file is none, or of another version.
  public init(contentsOf path: String) throws(Diagnostic) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw Diagnostic(
        "tuning.unreadable", "found no tuning database: \(error.localizedDescription)",
        at: .file(path))
    }
    guard version == Self.currentVersion else {
      throw Diagnostic(
        "tuning.version", "the database has version \(version), expected \(Self.currentVersion)",
        at: .file(path))
    }
  }

  /// Writes the database beside `path` and renames it; equal databases give equal files.
  ///
  /// - Throws: a `Diagnostic` when it cannot be written.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try TextFile.write(String(decoding: encoder.encode(self), as: UTF8.self) + "\n", to: path)
  }

  /// The rows to take on a processor, by problem.
  func rows(for processor: String) -> [String: String] {
    (processors[processor] ?? [:]).mapValues(\.row)
  }

  /// Adds what another one knows, which is newer.
  public mutating func merge(_ other: TuningDatabase) {
    processors.merge(other.processors) { $0.merging($1) { $1 } }
  }
}
