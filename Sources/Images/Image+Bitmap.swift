import Diagnostics

/// Windows' bitmaps without compression.
///
/// Source: BITMAPFILEHEADER with BITMAPINFOHEADER and its successors; colours of 1, 4 and 8 bits come from a palette, those
/// of 24 and 32 bits are blue, green, red, and a byte that is ignored.
extension Image {
  /// - Throws: `image.damaged`, `image.too-large`.
  init(bitmap bytes: [UInt8], byteLimit: Int) throws(Diagnostic) {
    var reader = ByteReader(bytes)
    try reader.skip(10)
    let start = try reader.word(4)
    let headerSize = try reader.word(4)
    let width = try reader.signedWord()
    let signedHeight = try reader.signedWord()
    try reader.skip(2)
    let depth = try reader.word(2)
    let compression = try reader.word(4)
    guard headerSize >= 40, compression == 0, [1, 4, 8, 24, 32].contains(depth) else {
      throw ByteReader.damaged(
        "a header of \(headerSize) bytes, compression \(compression) and \(depth) bits for a pixel, "
          + "expected at least 40, 0, and 1, 4, 8, 24 or 32")
    }
    let height = signedHeight.magnitude
    try Image.check(width: width, height: Int(height), channels: 3, byteLimit: byteLimit)
    try reader.skip(12)
    let colorCount = try reader.word(4)
    var palette: [[UInt8]] = []
    if depth <= 8 {
      reader.position = 14 + headerSize
      for _ in 0..<(colorCount == 0 ? 1 << depth : min(colorCount, 1 << depth)) {
        palette.append(try reader.take(4).prefix(3).reversed())
      }
    }
    let stride = (width * depth + 31) / 32 * 4
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * Int(height) * 3)
    for row in 0..<Int(height) {
      reader.position = start + stride * (signedHeight < 0 ? row : Int(height) - 1 - row)
      let line = Array(try reader.take(stride))
      for x in 0..<width {
        if depth > 8 {
          let place = x * depth / 8
          pixels += [line[place + 2], line[place + 1], line[place]]
          continue
        }
        let bit = x * depth
        let number = Int(line[bit / 8]) >> (8 - depth - bit % 8) & (1 << depth - 1)
        guard number < palette.count else {
          throw ByteReader.damaged("a pixel has colour \(number) of \(palette.count)")
        }
        pixels += palette[number]
      }
    }
    self.init(width: width, height: Int(height), channels: 3, pixels: pixels)
  }
}
