import Foundation
import ImageTestSupport
import Images
import Martlet

/// Small files of every kind, written by libpng and libjpeg.
enum TestImages {
  static func png(
    _ rows: [UInt8], width: Int, height: Int, kind: Int, bitDepth: Int = 8, interlaced: Bool = false
  ) -> Data {
    data(
      image_test_png(
        rows, Int32(width), Int32(height), Int32(kind), Int32(bitDepth), interlaced ? 1 : 0))
  }

  static func jpeg(
    _ rows: [UInt8], width: Int, height: Int, components: Int, quality: Int = 100,
    progressive: Bool = false
  ) -> Data {
    data(
      image_test_jpeg(
        rows, Int32(width), Int32(height), Int32(components), Int32(quality), progressive ? 1 : 0))
  }

  private static func data(_ file: image_test_file) -> Data {
    var file = file
    defer { image_test_free(&file) }
    return Data(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }

  /// Calls `body` with the path of a file that is removed afterwards.
  static func withFile<R>(_ content: Data, _ body: (String) throws -> R) throws -> R {
    let path = FileManager.default.temporaryDirectory.path + "/martlet-\(UUID().uuidString).png"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try content.write(to: URL(fileURLWithPath: path))
    return try body(path)
  }

  static func read(_ content: Data) throws -> Image {
    try withFile(content) { try ImageFile.read($0) }
  }

  /// The picture of 7 x 5 pixels that PIL's results below belong to.
  static let pattern: Image = {
    var pixels: [UInt8] = []
    for y in 0..<5 {
      for x in 0..<7 {
        for c in 0..<3 {
          let value: Int = 37 * x + 91 * y + 53 * c + x * y * c
          pixels.append(UInt8(value % 256))
        }
      }
    }
    return Image(width: 7, height: 5, channels: 3, pixels: pixels)
  }()
}
