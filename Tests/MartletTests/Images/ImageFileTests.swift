import Diagnostics
import Foundation
import ImageTestSupport
import Images
import Martlet
import Testing

@Suite("image files") struct ImageFileTests {
  private static let grey = Int(IMAGE_TEST_GREY)
  private static let rgb = Int(IMAGE_TEST_RGB)

  @Test("of every kind of PNG are read")
  func readsKinds() throws {
    let colours: [UInt8] = [255, 0, 0, 1, 2, 3, 0, 0, 255, 9, 8, 7]
    let cases: [(String, Data, Int, [UInt8])] = [
      ("grey", png([0, 128, 255, 7], Self.grey), 1, [0, 128, 255, 7]),
      ("one bit", png([0b1000_0000, 0b0100_0000], Self.grey, bits: 1), 1, [255, 0, 0, 255]),
      ("two bits", png([0b0110_0000, 0b1100_0000], Self.grey, bits: 2), 1, [85, 170, 255, 0]),
      ("four bits", png([0x1F, 0x80], Self.grey, bits: 4), 1, [17, 255, 136, 0]),
      ("16 bits", png([1, 255, 2, 0, 3, 128, 255, 255], Self.grey, bits: 16), 1, [1, 2, 3, 255]),
      ("colours", png(colours, Self.rgb), 3, colours),
      (
        "16 bits per colour", png(colours.flatMap { [$0, 200] }, Self.rgb, bits: 16), 3, colours
      ),
      (
        "a palette with transparency",
        png([0b0001_0000, 0b1011_0000], Int(IMAGE_TEST_PALETTE), bits: 2), 4,
        [255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 255, 255, 255, 255, 255]
      ),
      (
        "grey with alpha", png([10, 0, 20, 50, 30, 100, 40, 255], Int(IMAGE_TEST_GREY_ALPHA)), 4,
        [10, 10, 10, 0, 20, 20, 20, 50, 30, 30, 30, 100, 40, 40, 40, 255]
      ),
      (
        "colours with alpha", png(Array(0..<16), Int(IMAGE_TEST_RGBA)), 4, Array(0..<16)
      ),
    ]
    for (name, file, channels, pixels) in cases {
      let expected = Image(width: 2, height: 2, channels: channels, pixels: pixels)
      #expect(try TestImages.read(file) == expected, "\(name)")
    }
  }

  /// Two by two pixels.
  private func png(_ rows: [UInt8], _ kind: Int, bits: Int = 8) -> Data {
    TestImages.png(rows, width: 2, height: 2, kind: kind, bitDepth: bits)
  }

  @Test("that are interlaced have all their rows")
  func readsInterlaced() throws {
    let image = TestImages.pattern
    let file = TestImages.png(
      image.pixels, width: 7, height: 5, kind: Self.rgb, interlaced: true)
    #expect(try TestImages.read(file) == image)
  }

  @Test("of JPEG are read in grey and colour, also progressive ones", arguments: [false, true])
  func readsJPEG(progressive: Bool) throws {
    // A plane of one level is its own average, which quality 100 keeps.
    let grey = TestImages.jpeg(
      Array(repeating: 77, count: 64), width: 8, height: 8, components: 1, progressive: progressive)
    #expect(
      try TestImages.read(grey)
        == Image(width: 8, height: 8, channels: 1, pixels: Array(repeating: 77, count: 64)))
    let rows: [UInt8] = (0..<64).flatMap { _ in [200, 100, 50] as [UInt8] }
    let colour = try TestImages.read(
      TestImages.jpeg(rows, width: 8, height: 8, components: 3, progressive: progressive))
    #expect(colour.channels == 3)
    // To luma and chroma and back rounds twice.
    #expect(zip(colour.pixels, rows).allSatisfy { abs(Int($0) - Int($1)) <= 2 })
  }

  @Test("in CMYK are taken to be inverted")
  func readsCMYK() throws {
    // Light is what neither a colour's ink nor black takes away: 200 * 128 / 255 = 100.4, and so on.
    let rows: [UInt8] = (0..<64).flatMap { _ in [200, 255, 0, 128] as [UInt8] }
    let image = try TestImages.read(
      TestImages.jpeg(rows, width: 8, height: 8, components: 4))
    #expect(image.channels == 3)
    #expect(image.pixels == (0..<64).flatMap { _ in [100, 128, 0] as [UInt8] })
  }

  /// Made by PIL 13.0 (`Image.fromarray(a).save(f, "JPEG", quality=60, subsampling=2, optimize=True)`, 13 x 11 pixels
  /// `(12 x + 9 y + 40 c) % 256`), together with what it reads: row 5, and the sum of all.
  private static let sampled = """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5a\
    YVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//\
    wAARCAALAA0DASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABAUG/8QAIRAAAQMEAQUAAAAAAAAAAAAAAQACAwQFESJBBhIhMqH/xAAV\
    AQEBAAAAAAAAAAAAAAAAAAAAAf/EAB8RAAEEAQUBAAAAAAAAAAAAABEBAgMEABIUITFhgf/aAAwDAQACEQMRAD8AFZ7f66rYU1MI4g0MyeUG\
    zxs11Cl9VuLqynid5Y2HvAxyScn4FL88jFbHGoVx57A8+4oVN1LoIz//2Q==
    """

  @Test("with reduced chroma are what PIL reads")
  func agreesWithPIL() throws {
    let image = try TestImages.read(try #require(Data(base64Encoded: Self.sampled)))
    let row: [UInt8] = [
      57, 76, 144, 64, 89, 145, 75, 108, 141, 85, 122, 151, 90, 131, 177, 99, 143, 192, 112, 160,
      198, 121, 171, 206, 138, 186, 226, 150, 195, 214, 163, 209, 180, 171, 217, 144, 175, 217, 107,
    ]
    #expect((image.width, image.height, image.channels) == (13, 11, 3))
    let found = image.pixels[(5 * 39)..<(6 * 39)]
    // Versions of libjpeg may round inverse transforms differently.
    #expect(zip(found, row).allSatisfy { abs(Int($0) - Int($1)) <= 1 }, "\(Array(found))")
    #expect(abs(image.pixels.reduce(0) { $0 + Int($1) } - 61263) <= image.pixels.count)
  }

  /// Red, green, blue, and 10, 20, 30.
  private static let four = Image(
    width: 2, height: 2, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30])

  /// `four` without loss, by PIL 12: WebP (`lossless=True`), a code stream of JPEG 2000 (`irreversible=False, no_jp2=True`), TIFF.
  private static let lossless: [(name: String, file: String)] = [
    ("WebP", "UklGRjIAAABXRUJQVlA4TCYAAAAvAUAAAB8gECB48L9qQ0iQ0P2/V4EAwYj/S/Mf+OSo4AYMEf0PAQ=="),
    (
      "JPEG 2000",
      """
      /0//UQAvAAAAAAACAAAAAgAAAAAAAAAAAAAAAgAAAAIAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEAAQQEAAH/XAAHQEBISFD/ZAAlAAFDcmVhd\
      GVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAABKAAH/k8fUBAm/x9QECY/H1AQJd8faBR9oFPzAgAm/CbcEl8/ACj7QKPwAgAR7CX\
      8JgcfaBT8AKPwAgAl3BHEJef/Z
      """
    ),
    (
      "TIFF",
      """
      SUkqAAgAAAAKAAABBAABAAAAAgAAAAEBBAABAAAAAgAAAAIBAwADAAAAhgAAAAMBAwABAAAAAQAAAAYBAwABAAAAAgAAABEBBAABAAAAjAAAABUBA\
      wABAAAAAwAAABYBBAABAAAAAgAAABcBBAABAAAADAAAABwBAwABAAAAAQAAAAAAAAAIAAgACAD/AAAA/wAAAP8KFB4=
      """
    ),
  ]

  @Test(
    "of WebP, JPEG 2000 and TIFF are read, and refused when they end early", arguments: [0, 1, 2])
  func readsOthers(_ number: Int) throws {
    let file = try #require(Data(base64Encoded: Self.lossless[number].file))
    #expect(try TestImages.read(file) == Self.four, "\(Self.lossless[number].name)")
    for length in 0..<file.count / 2 {
      _ = #expect(throws: Diagnostic.self, "\(length) of \(file.count) bytes") {
        try TestImages.read(file.prefix(length))
      }
    }
  }

  @Test("of Windows are read from below and from above, with and without a palette")
  func readsBitmaps() throws {
    func bitmap(height: Int, depth: Int, palette: [UInt8] = [], _ rows: [UInt8]) -> Data {
      func word(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
      let start = 54 + palette.count
      return Data(
        Array("BM".utf8) + word(start + rows.count, 4) + word(0, 4) + word(start, 4) + word(40, 4)
          + word(2, 4) + word(height, 4) + word(1, 2) + word(depth, 2) + word(0, 4)
          + word(rows.count, 4) + word(0, 8) + word(palette.count / 4, 4) + word(0, 4) + palette
          + rows)
    }
    let top: [UInt8] = [0, 0, 255, 0, 255, 0, 9, 9]
    let bottom: [UInt8] = [255, 0, 0, 30, 20, 10, 9, 9]
    let below = bitmap(height: 2, depth: 24, bottom + top)
    #expect(try TestImages.read(below) == Self.four)
    #expect(try TestImages.read(bitmap(height: -2, depth: 24, top + bottom)) == Self.four)
    let colours: [UInt8] = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 30, 20, 10, 0]
    let short = bitmap(height: 2, depth: 4, palette: colours, [0x23, 0, 0, 0, 0x01, 0, 0, 0])
    #expect(try TestImages.read(short) == Self.four)
    for length in 2..<below.count {
      _ = #expect(throws: Diagnostic.self) { try TestImages.read(below.prefix(length)) }
    }
    // A colour that the palette does not have.
    let wrong = bitmap(height: 2, depth: 4, palette: colours, [0x24, 0, 0, 0, 0x01, 0, 0, 0])
    _ = #expect(throws: Diagnostic.self) { try TestImages.read(wrong) }
  }

  @Test("of Netpbm are read as text and as bytes")
  func readsPortableMaps() throws {
    let cases: [(String, [UInt8], Image)] = [
      ("P3 # colours\n2 2 255\n255 0 0  0 255 0\n0 0 255 10 20 30\n", [], Self.four),
      ("P6\n2 2\n255\n", Self.four.pixels, Self.four),
      (
        "P2 3 1 5 0 2 5", [], Image(width: 3, height: 1, channels: 1, pixels: [0, 102, 255])
      ),
      (
        "P5 2 1 1023\n", [3, 255, 0, 4], Image(width: 2, height: 1, channels: 1, pixels: [255, 1])
      ),
      ("P1 3 1 0 1 0", [], Image(width: 3, height: 1, channels: 1, pixels: [255, 0, 255])),
      ("P4 3 1\n", [0b0100_0000], Image(width: 3, height: 1, channels: 1, pixels: [255, 0, 255])),
    ]
    for (head, body, image) in cases {
      #expect(try TestImages.read(Data(head.utf8) + Data(body)) == image, "\(head)")
    }
    for wrong in [
      "P6 2 2 255\n12345", "P3 1 1 255 1 2", "P5 1 1 0\n1", "P1 1 1 7", "P2 99999999999 1 1",
    ] {
      _ = #expect(throws: Diagnostic.self, "\(wrong)") { try TestImages.read(Data(wrong.utf8)) }
    }
  }

  @Test("cut off anywhere are refused")
  func refusesPrefixes() throws {
    let image = TestImages.pattern
    let files = [
      TestImages.png(image.pixels, width: 7, height: 5, kind: Self.rgb),
      TestImages.jpeg(image.pixels, width: 7, height: 5, components: 3, quality: 80),
      TestImages.jpeg(
        image.pixels, width: 7, height: 5, components: 3, quality: 80, progressive: true),
    ]
    for file in files {
      for length in 0..<file.count {
        _ = #expect(throws: Diagnostic.self, "\(length) of \(file.count) bytes") {
          try TestImages.read(file.prefix(length))
        }
      }
    }
  }

  @Test("with any byte changed are refused or read, and never crash")
  func survivesDamage() throws {
    let image = TestImages.pattern
    let png = TestImages.png(image.pixels, width: 7, height: 5, kind: Self.rgb)
    let jpeg = TestImages.jpeg(
      image.pixels, width: 7, height: 5, components: 3, quality: 80, progressive: true)
    var refused = 0
    for file in [png, jpeg] {
      for place in file.indices {
        var damaged = file
        damaged[place] ^= 0xA5
        do { _ = try TestImages.read(damaged) } catch is Diagnostic { refused += 1 }
      }
    }
    // A PNG's checksums cover nearly every byte.
    #expect(refused >= png.count * 9 / 10)
  }

  @Test(
    "that claim more than a limit are refused before memory is taken", arguments: [65000, 65535])
  func refusesAbsurdJPEG(_ side: Int) throws {
    var jpeg = TestImages.jpeg(
      Array(repeating: 0, count: 64), width: 8, height: 8, components: 1)
    // The frame header: marker, length, precision, height, width.
    let frame = try #require(jpeg.firstRange(of: Data([0xFF, 0xC0]))).lowerBound
    let bytes = [UInt8(side >> 8), UInt8(side & 255)]
    jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: bytes + bytes)
    try expectTooLarge(jpeg, side)
  }

  @Test("that are PNG and claim more than the limit are refused too")
  func refusesAbsurdPNG() throws {
    var png = TestImages.png([0], width: 1, height: 1, kind: Self.grey)
    // Signature, length, and the header: kind, width, height, five bytes, checksum.
    let side = 100_000
    let bytes = (0..<4).map { UInt8(side >> (24 - 8 * $0) & 255) }
    png.replaceSubrange(16..<24, with: bytes + bytes)
    png.replaceSubrange(29..<33, with: checksum(png[12..<29]))
    try expectTooLarge(png, side)
  }

  private func expectTooLarge(_ file: Data, _ side: Int) throws {
    _ = #expect { try TestImages.read(file) } throws: { error in
      let found = error as? Diagnostic
      // Beyond 65500 it is libjpeg that refuses.
      return found?.id == "image.too-large"
        && found?.message.contains(side == 65535 ? "65500" : "\(side) x \(side)") == true
    }
  }

  /// CRC-32 as PNG has it, ISO 3309.
  private func checksum(_ bytes: Data) -> [UInt8] {
    var rest: UInt32 = .max
    for byte in bytes {
      rest ^= UInt32(byte)
      for _ in 0..<8 { rest = rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return (0..<4).map { UInt8(~rest >> (24 - 8 * $0) & 255) }
  }

  @Test("of other kinds are refused", arguments: ["", "GIF89a", "not an image"])
  func refusesOthers(_ content: String) throws {
    _ = #expect { try TestImages.read(Data(content.utf8)) } throws: {
      ($0 as? Diagnostic)?.id == "image.format"
    }
  }
}
