public import Diagnostics
import Foundation

/// Text on disk.
public enum TextFile {
  /// Replaces a file with a text that ends in a line break.
  ///
  /// - Throws: `file.write`.
  public static func write(_ text: String, to path: String) throws(Diagnostic) {
    try writeFile(Data((text.hasSuffix("\n") ? text : text + "\n").utf8), to: path)
  }
}
