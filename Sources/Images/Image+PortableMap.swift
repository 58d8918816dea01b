import Diagnostics

/// The portable maps of Netpbm: bits (P1, P4), greys (P2, P5) and colours (P3, P6), as text or as bytes.
///
/// Source: the manual pages pbm(5), pgm(5) and ppm(5). Samples are scaled from the file's largest to 255, rounded.
extension Image {
  /// - Throws: `image.damaged`, `image.too-large`.
  init(portableMap bytes: [UInt8], byteLimit: Int) throws(Diagnostic) {
    var reader = ByteReader(bytes)
    try reader.skip(1)
    let kind = Int(try reader.word(1)) - 48
    let isText = kind <= 3
    let isBits = kind == 1 || kind == 4
    let channels = kind == 3 || kind == 6 ? 3 : 1
    let width = try reader.number()
    let height = try reader.number()
    let largest = isBits ? 1 : try reader.number()
    try Image.check(width: width, height: height, channels: channels, byteLimit: byteLimit)
    guard (1...65535).contains(largest) else {
      throw ByteReader.damaged("the largest sample is \(largest), expected 1...65535")
    }
    if !isText { try reader.skip(1) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * channels)
    for _ in 0..<height {
      if kind == 4 {
        let line = Array(try reader.take((width + 7) / 8))
        for x in 0..<width { pixels.append(line[x / 8] >> (7 - x % 8) & 1 == 1 ? 0 : 255) }
        continue
      }
      for _ in 0..<width * channels {
        let sample: Int
        if isText {
          sample = isBits ? try reader.bit() : try reader.number()
        } else {
          let first = try reader.word(1)
          sample = largest < 256 ? first : first << 8 | (try reader.word(1))
        }
        let scaled = (min(sample, largest) * 255 + largest / 2) / largest
        pixels.append(UInt8(isBits ? 255 - scaled : scaled))
      }
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }
}
