import CImages
public import Diagnostics
import Foundation

/// Reads JPEG and PNG files.
///
/// What a file is follows from its first bytes. As in PIL, neither gamma, colour profiles nor the orientation that a
/// camera notes (EXIF) are applied; CMYK is taken to be inverted, as Adobe writes it; of 16 bits per channel the upper
/// eight are kept.
public enum ImageFile {
  /// The most bytes of pixels that a file may decode to: about 89 million pixels in colour, PIL's limit as well.
  public static let byteLimit = 1 << 28

  /// Reads and decodes a file.
  ///
  /// - Throws: `file.read`; `image.format` when it is neither JPEG nor PNG, `image.damaged` with the decoder's reason,
  ///   `image.too-large` when it claims more pixels than `byteLimit` allows.
  public static func read(_ path: String) throws(Diagnostic) -> Image {
    try decode(readFile(path), name: path)
  }

  /// Decodes the content of a file; `name` is for messages.
  ///
  /// - Throws: what `read` throws, but for `file.read`.
  static func decode(_ bytes: Data, name: String) throws(Diagnostic) -> Image {
    let decoder: Decoder
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      decoder = cimages_decode_jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      decoder = cimages_decode_png
    } else {
      throw Diagnostic(
        "image.format", "the content is neither JPEG nor PNG", at: .file(name))
    }
    var decoded = cimages_image()
    defer { cimages_free(&decoded) }
    let status = bytes.withUnsafeBytes { raw in
      decoder(
        raw.baseAddress?.assumingMemoryBound(to: UInt8.self), raw.count, Int64(byteLimit), &decoded)
    }
    guard status == CIMAGES_OK, let pixels = decoded.pixels else {
      throw failure(Int(status), decoded, name)
    }
    let (width, height) = (Int(decoded.width), Int(decoded.height))
    let channels = Int(decoded.channels)
    return Image(
      width: width, height: height, channels: channels,
      pixels: Array(UnsafeBufferPointer(start: pixels, count: width * height * channels)))
  }

  private typealias Decoder = (
    UnsafePointer<UInt8>?, Int, Int64, UnsafeMutablePointer<cimages_image>?
  ) -> Int32

  private static func failure(_ status: Int, _ image: cimages_image, _ name: String) -> Diagnostic {
    let reason = withUnsafeBytes(of: image.message) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
    switch status {
    case CIMAGES_TOO_LARGE, CIMAGES_NO_MEMORY:
      return Diagnostic("image.too-large", reason, at: .file(name))
    default:
      return Diagnostic("image.damaged", "cannot decode: \(reason)", at: .file(name))
    }
  }
}
