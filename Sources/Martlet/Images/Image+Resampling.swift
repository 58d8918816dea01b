public import Images

extension Image {
  /// How a resized image takes its pixels from the original.
  public enum Interpolation: String, Sendable, Hashable, CaseIterable {
    case nearest
    case bilinear
    /// With Catmull-Rom's coefficient, -0.5.
    case bicubic
  }

  /// The image in another size.
  ///
  /// Pixels are areas whose centres lie half a pixel from their edges. A filter that shrinks is as much wider as the
  /// image gets smaller, so that every original pixel counts (antialiasing); channels are independent of each other.
  /// Weights have 22 fractional bits and each direction, first along rows, rounds to 8 bits.
  ///
  /// - Precondition: neither the image nor the wanted size is empty.
  /// - Source: Pillow 11, `src/libImaging/Resample.c` and `Geometry.c`; results are the same, bit by bit. Newer ones go
  ///   along columns first where that is less work, which rounds some pixels to the next value.
  public func resized(
    width: Int, height: Int, _ interpolation: Interpolation = .bilinear
  ) -> Image {
    precondition(width > 0 && height > 0 && !pixels.isEmpty)
    guard interpolation != .nearest else { return picked(width, height) }
    var result = self
    if width != result.width {
      let filter = ResamplingFilter(from: result.width, to: width, interpolation)
      result = result.filteredAlongRows(filter)
    }
    if height != result.height {
      let filter = ResamplingFilter(from: result.height, to: height, interpolation)
      result = result.filteredAlongColumns(filter)
    }
    return result
  }

  /// Each pixel is the one that its centre falls into.
  private func picked(_ width: Int, _ height: Int) -> Image {
    let columns = Self.nearest(self.width, width)
    var result: [UInt8] = []
    result.reserveCapacity(width * height * channels)
    for y in Self.nearest(self.height, height) {
      for x in columns {
        let start = (y * self.width + x) * channels
        result += pixels[start..<(start + channels)]
      }
    }
    return Image(width: width, height: height, channels: channels, pixels: result)
  }

  private static func nearest(_ from: Int, _ to: Int) -> [Int] {
    let step = Double(from) / Double(to)
    var position = step * 0.5
    return (0..<to).map { _ in
      defer { position += step }
      return min(Int(position), from - 1)
    }
  }

  private func filteredAlongRows(_ filter: ResamplingFilter) -> Image {
    let width = filter.taps.count
    var result = [UInt8](repeating: 0, count: width * height * channels)
    for y in 0..<height {
      for (x, tap) in filter.taps.enumerated() {
        for channel in 0..<channels {
          result[(y * width + x) * channels + channel] = filter.sum(tap) { index in
            pixels[(y * self.width + index) * channels + channel]
          }
        }
      }
    }
    return Image(width: width, height: height, channels: channels, pixels: result)
  }

  private func filteredAlongColumns(_ filter: ResamplingFilter) -> Image {
    let row = width * channels
    var result = [UInt8](repeating: 0, count: row * filter.taps.count)
    for (y, tap) in filter.taps.enumerated() {
      for column in 0..<row {
        result[y * row + column] = filter.sum(tap) { pixels[$0 * row + column] }
      }
    }
    return Image(width: width, height: filter.taps.count, channels: channels, pixels: result)
  }
}

/// Which pixels of a line make each pixel of a longer or shorter one, and with which weights.
private struct ResamplingFilter {
  /// The pixels from `first` on, one for each weight.
  struct Tap {
    let first: Int
    let weights: [Int]
  }

  private static let fractionBits = 22
  let taps: [Tap]

  init(from: Int, to: Int, _ interpolation: Image.Interpolation) {
    let scale = Double(from) / Double(to)
    let stretch = max(scale, 1)
    let squeeze = 1 / stretch
    let support = (interpolation == .bicubic ? 2.0 : 1.0) * stretch
    taps = (0..<to).map { place in
      let center = (Double(place) + 0.5) * scale
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), from)
      let weights = (first..<end).map {
        Self.weight((Double($0) - center + 0.5) * squeeze, interpolation)
      }
      let total = weights.reduce(0, +)
      return Tap(
        first: first,
        weights: weights.map { weight in
          let normal = (total == 0 ? weight : weight / total) * Double(1 << Self.fractionBits)
          return Int(normal + (weight < 0 ? -0.5 : 0.5))
        })
    }
  }

  /// The filter's value at a distance from its centre.
  private static func weight(_ distance: Double, _ interpolation: Image.Interpolation) -> Double {
    let x = abs(distance)
    guard interpolation == .bicubic else { return max(1 - x, 0) }
    let a = -0.5
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }

  @inline(__always) func sum(_ tap: Tap, _ pixel: (Int) -> UInt8) -> UInt8 {
    var total = 1 << (Self.fractionBits - 1)
    for (offset, weight) in tap.weights.enumerated() {
      total += Int(pixel(tap.first + offset)) * weight
    }
    return UInt8(clamping: total >> Self.fractionBits)
  }
}
