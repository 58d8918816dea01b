import CImages
package import Diagnostics

/// Image files of JPEG, PNG, TIFF, WebP, JPEG 2000, Windows bitmaps and portable maps (PBM, PGM, PPM).
///
/// What a file is follows from its first bytes. As in PIL, neither gamma, colour profiles nor the orientation that a
/// camera notes (EXIF) are applied; CMYK is taken to be inverted, as Adobe writes it; of 16 bits per channel the upper
/// eight are kept. Of files with several pictures the first is read.
public enum ImageFile {
  /// The most bytes of pixels that a file may decode to: about 89 million pixels in colour, PIL's limit as well.
  public static let byteLimit = 1 << 28

  /// What names of such files end with, in lower case.
  public static let kinds = [
    "bmp", "j2k", "jp2", "jpeg", "jpg", "pbm", "pgm", "png", "ppm", "tif", "tiff", "webp",
  ]

  /// Decodes the content of a file; `name` is for messages.
  ///
  /// - Throws: `image.format` when it is none of the formats, `image.damaged` with the decoder's reason, `image.too-large`
  ///   when it claims more pixels than `byteLimit` allows.
  package static func decode(_ bytes: [UInt8], name: String) throws(Diagnostic) -> Image {
    do throws(Diagnostic) {
      switch Format(bytes) {
      case .coded(let decoder): return try decode(bytes, decoder)
      case .bitmap: return try Image(bitmap: bytes, byteLimit: byteLimit)
      case .portableMap: return try Image(portableMap: bytes, byteLimit: byteLimit)
      case nil:
        throw Diagnostic(
          "image.format",
          "the content is neither JPEG, PNG, TIFF, WebP, JPEG 2000, BMP, nor a portable map")
      }
    } catch {
      throw error.located(at: .file(name))
    }
  }

  private typealias Decoder = (
    UnsafePointer<UInt8>?, Int, Int64, UnsafeMutablePointer<cimages_image>?
  ) -> Int32

  private enum Format {
    /// A format that a library decodes.
    case coded(Decoder)
    case bitmap
    case portableMap

    init?(_ bytes: [UInt8]) {
      let signatures: [([UInt8], Decoder)] = [
        ([0xFF, 0xD8, 0xFF], cimages_decode_jpeg),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], cimages_decode_png),
        ([0x49, 0x49, 42, 0], cimages_decode_tiff), ([0x4D, 0x4D, 0, 42], cimages_decode_tiff),
        ([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20], cimages_decode_jpeg2000),
        ([0xFF, 0x4F, 0xFF, 0x51], cimages_decode_jpeg2000),
      ]
      if let (_, decoder) = signatures.first(where: { bytes.starts(with: $0.0) }) {
        self = .coded(decoder)
      } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
        self = .coded(cimages_decode_webp)
      } else if bytes.starts(with: "BM".utf8) {
        self = .bitmap
      } else if bytes.count > 2, bytes[0] == 0x50, (0x31...0x36).contains(bytes[1]) {
        self = .portableMap
      } else {
        return nil
      }
    }
  }

  private static func decode(_ bytes: [UInt8], _ decoder: Decoder) throws(Diagnostic) -> Image {
    var decoded = cimages_image()
    defer { cimages_free(&decoded) }
    let status = bytes.withUnsafeBufferPointer { raw in
      decoder(raw.baseAddress, raw.count, Int64(byteLimit), &decoded)
    }
    guard status == CIMAGES_OK, let pixels = decoded.pixels else {
      throw failure(Int(status), decoded)
    }
    let (width, height) = (Int(decoded.width), Int(decoded.height))
    let channels = Int(decoded.channels)
    return Image(
      width: width, height: height, channels: channels,
      pixels: Array(UnsafeBufferPointer(start: pixels, count: width * height * channels)))
  }

  private static func failure(_ status: Int, _ image: cimages_image) -> Diagnostic {
    let reason = withUnsafeBytes(of: image.message) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
    switch status {
    case CIMAGES_TOO_LARGE, CIMAGES_NO_MEMORY: return Diagnostic("image.too-large", reason)
    default: return Diagnostic("image.damaged", "cannot decode: \(reason)")
    }
  }
}

extension Image {
  /// Checks what a header claims before there is memory for it.
  ///
  /// - Throws: `image.damaged`, `image.too-large`.
  static func check(
    width: Int, height: Int, channels: Int, byteLimit: Int
  ) throws(Diagnostic) {
    guard width > 0, height > 0 else {
      throw ByteReader.damaged("the header claims \(width) x \(height) pixels")
    }
    guard height <= byteLimit / channels / width else {
      throw Diagnostic(
        "image.too-large",
        "the header claims \(width) x \(height) pixels of \(channels) bytes, expected at most "
          + "\(byteLimit) bytes")
    }
  }
}
