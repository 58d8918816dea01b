/// A picture of 8 bits per channel: rows from the top, the channels of a pixel side by side.
public struct Image: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// 1: grey; 3: red, green, blue; 4: the same and alpha, not multiplied into them.
  public let channels: Int
  public let pixels: [UInt8]

  /// - Precondition: there are `width * height * channels` pixels, and 1, 3 or 4 channels.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition([1, 3, 4].contains(channels) && pixels.count == width * height * channels)
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The same picture in grey, in colours, or in colours with alpha.
  ///
  /// Grey is ITU-R 601-2 luma in 16-bit fixed point, as PIL has it; alpha is left off, or 255 where there was none.
  ///
  /// - Precondition: `channels` is 1, 3 or 4.
  public func converted(toChannels channels: Int) -> Image {
    if channels == self.channels { return self }
    var result: [UInt8] = []
    result.reserveCapacity(width * height * channels)
    for start in stride(from: 0, to: pixels.count, by: self.channels) {
      let isGrey = self.channels == 1
      let (red, green, blue) = (
        pixels[start], pixels[isGrey ? start : start + 1], pixels[isGrey ? start : start + 2]
      )
      if channels == 1 {
        result.append(Self.luma(red, green, blue))
      } else {
        result.append(red)
        result.append(green)
        result.append(blue)
        if channels == 4 { result.append(255) }
      }
    }
    return Image(width: width, height: height, channels: channels, pixels: result)
  }

  private static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let weighted = Int(red) * 19595 + Int(green) * 38470 + Int(blue) * 7471
    return UInt8((weighted + 0x8000) >> 16)
  }

  /// The part of this size in the middle; where the border cannot be the same on both sides, that before it is the
  /// even one of the two, as torchvision rounds.
  ///
  /// - Precondition: it is no larger than the image.
  public func croppedToCenter(width: Int, height: Int) -> Image {
    precondition(width <= self.width && height <= self.height)
    if width == self.width, height == self.height { return self }
    let left = Int((Double(self.width - width) / 2).rounded(.toNearestOrEven))
    let top = Int((Double(self.height - height) / 2).rounded(.toNearestOrEven))
    var result: [UInt8] = []
    result.reserveCapacity(width * height * channels)
    for y in top..<(top + height) {
      let start = (y * self.width + left) * channels
      result += pixels[start..<(start + width * channels)]
    }
    return Image(width: width, height: height, channels: channels, pixels: result)
  }
}
