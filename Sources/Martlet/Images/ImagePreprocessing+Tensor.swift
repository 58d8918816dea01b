public import Diagnostics
import IR
public import Images
public import Tensors

extension ImagePreprocessing {
  /// The image as a value of an input.
  ///
  /// Elements are computed in f32 (in f64 for inputs of that type); in inputs of integers they are rounded to the
  /// nearest, halves to even.
  ///
  /// - Parameter symbols: what is known of the input's open dimensions; the image decides about the others.
  /// - Throws: `image.input` when the input is none for images, `image.size` when the image is too small for the crop
  ///   or does not have the input's size, `image.too-large` when it would grow beyond `ImageFile.byteLimit`,
  ///   `image.preprocessing` for numbers that do not fit, `image.range` for elements that the input's type does not
  ///   hold.
  public func tensor(
    _ image: Image, for input: Signature.Port, symbols: [Symbol: Int] = [:]
  ) throws(Diagnostic) -> Tensor {
    try check()
    let port = try ImagePort(input, layout: layout, symbols: symbols)
    guard !image.pixels.isEmpty else {
      throw Diagnostic("image.size", "the image has no pixels")
    }
    let channels = port.channels ?? (image.channels == 1 ? 1 : 3)
    let fitted = try fitted(image.converted(toChannels: channels), to: port)
    let shape = try port.shape(for: fitted)
    let tables = try elementTables(channels: channels, port.element)
    return Tensor(
      doubles: arranged(fitted, port.layout, tables), shape: shape, type: port.element)
  }

  // MARK: - Size

  private func fitted(_ image: Image, to port: ImagePort) throws(Diagnostic) -> Image {
    var result = image
    switch resize {
    case .shorterSide(let side):
      let (height, width) = (image.height, image.width)
      let other = side * max(height, width) / min(height, width)
      result = try resized(
        image, height: height <= width ? side : other, width: height <= width ? other : side)
    case .exactly(let size):
      result = try resized(image, height: size.height, width: size.width)
    case nil:
      if crop == nil {
        result = try resized(
          image, height: port.height ?? image.height, width: port.width ?? image.width)
      }
    }
    guard let crop else { return result }
    guard crop.height <= result.height, crop.width <= result.width else {
      throw Diagnostic(
        "image.size",
        "the image has \(result.height) x \(result.width) pixels, expected at least the "
          + "\(crop.height) x \(crop.width) of the crop")
    }
    return result.croppedToCenter(width: crop.width, height: crop.height)
  }

  private func resized(
    _ image: Image, height: Int, width: Int
  ) throws(Diagnostic) -> Image {
    // Rows come first, so there is an image of the new width and the old height in between.
    let bytes = [max(height, image.height), width, image.channels].checkedElementCount
    guard let bytes, bytes <= ImageFile.byteLimit else {
      throw Diagnostic(
        "image.too-large",
        "resizing to \(height) x \(width) takes more than \(ImageFile.byteLimit) bytes")
    }
    guard height > 0, width > 0 else {
      throw Diagnostic("image.size", "no image has \(height) x \(width) pixels")
    }
    return image.resized(width: width, height: height, interpolation)
  }

  // MARK: - Elements

  /// For each channel of the input the element that each of the 256 values of a pixel becomes.
  private func elementTables(
    channels: Int, _ type: ElementType
  ) throws(Diagnostic) -> [[Double]] {
    for (name, list) in [("mean", mean), ("std", std)] where ![0, 1, channels].contains(list.count)
    {
      throw Diagnostic(
        "image.preprocessing",
        "\(name) has \(list.count) numbers, expected one or one for each of \(channels) channels")
    }
    let divisor = scale ?? (type.isFloat ? 255 : 1)
    func number(_ list: [Double], _ channel: Int) -> Double? {
      list.count > 1 ? list[channel] : list.first
    }
    let tables = (0..<channels).map { channel in
      let (shift, spread) = (number(mean, channel) ?? 0, number(std, channel) ?? 1)
      return (0..<256).map { pixel in
        if type == .f64 { return (Double(pixel) / divisor - shift) / spread }
        let element = (Float(pixel) / Float(divisor) - Float(shift)) / Float(spread)
        return Double(type.isFloat ? element : element.rounded(.toNearestOrEven))
      }
    }
    if !type.isFloat { try checkRange(tables, type) }
    return tables
  }

  private func checkRange(_ tables: [[Double]], _ type: ElementType) throws(Diagnostic) {
    let all = tables.joined()
    guard let low = all.min(), let high = all.max() else { return }
    let bits = Double(
      sign: .plus, exponent: type.bitWidth - (type.isSignedInteger ? 1 : 0), significand: 1)
    let range = (type.isSignedInteger ? -bits : 0)..<bits
    guard range.contains(low), range.contains(high) else {
      throw Diagnostic(
        "image.range",
        "pixels become \(low)...\(high), expected what \(type) holds",
        notes: ["scale, mean and std bring them into range"])
    }
  }

  /// The elements in the order of the tensor.
  private func arranged(_ image: Image, _ layout: Layout, _ tables: [[Double]]) -> [Double] {
    let channels = image.channels
    // The colours of a pixel in the input's order; alpha stays last.
    let order = color == .bgr && channels >= 3 ? [2, 1, 0, 3] : [0, 1, 2, 3]
    var result: [Double] = []
    result.reserveCapacity(image.pixels.count)
    if layout == .nhwc {
      for start in stride(from: 0, to: image.pixels.count, by: channels) {
        for channel in 0..<channels {
          result.append(tables[channel][Int(image.pixels[start + order[channel]])])
        }
      }
    } else {
      for channel in 0..<channels {
        for start in stride(from: 0, to: image.pixels.count, by: channels) {
          result.append(tables[channel][Int(image.pixels[start + order[channel]])])
        }
      }
    }
    return result
  }
}
