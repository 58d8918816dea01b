import Foundation

/// Where people read: results go to standard output, everything said about them to standard error.
enum Console {
  static let isErrorTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1

  /// Prints a line to standard error.
  static func error(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// Prints to standard error without ending the line.
  static func partialError(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  /// Prints a value as JSON, keys sorted.
  static func json(_ value: some Encodable) throws {
    print(try jsonText(value))
  }

  static func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
