import Foundation

extension QuantizationReport {
  /// Writes the report beside `path` and renames it: JSON where the name ends in `.json`, else a page.
  ///
  /// - Throws: `file.write`.
  public func write(to path: String) throws {
    try TextFile.write(Self.isJSON(path) ? json() : QuantizationPage(self).html, to: path)
  }

  /// Whether a file of this name gets JSON.
  private static func isJSON(_ path: String) -> Bool { path.lowercased().hasSuffix(".json") }

  /// The report as JSON, keys sorted.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
