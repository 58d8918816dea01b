public import Diagnostics
public import Images

extension ImageFile {
  /// Reads and decodes a file.
  ///
  /// - Throws: `file.read`; `image.format` when it is none of the formats, `image.damaged` with the decoder's reason,
  ///   `image.too-large` when it claims more pixels than `byteLimit` allows.
  public static func read(_ path: String) throws(Diagnostic) -> Image {
    try decode([UInt8](readFile(path)), name: path)
  }
}
