import Diagnostics
import IR
import Images
import Tensors

/// An input as something that takes an image: which of its axes are rows, columns and channels, and what is known of
/// their extents.
struct ImagePort {
  private let name: String
  private let type: TensorType
  private let shape: [IndexExpr]
  private let extents: [Int?]
  let element: ElementType
  let layout: ImagePreprocessing.Layout

  /// - Parameters:
  ///   - layout: which axis holds the channels; nil for the one whose extent says so, the first in doubt.
  ///   - symbols: what other inputs have settled.
  /// - Throws: `image.input` when the input's shape is not that of an image.
  init(
    _ port: Signature.Port, layout: ImagePreprocessing.Layout?, symbols: [Symbol: Int]
  ) throws(Diagnostic) {
    guard let type = port.type.tensor, let shape = type.shape, (2...4).contains(shape.count),
      type.element.isInteger || (type.element.isFloat && !type.element.isSmallFloat)
    else {
      throw Diagnostic(
        "image.input",
        "input '\(port.name)' is \(port.type), expected numbers of 2, 3 or 4 axes for an image")
    }
    name = port.name
    self.type = type
    self.shape = shape
    element = type.element
    extents = shape.map { $0.evaluate { symbols[$0] } }
    let isFirst = shape.count > 2 && Self.isChannels(extents[shape.count - 3])
    self.layout = layout ?? (!isFirst && Self.isChannels(extents[shape.count - 1]) ? .nhwc : .nchw)
    try check(isGiven: layout != nil)
  }

  private static func isChannels(_ extent: Int?) -> Bool {
    extent.map { [1, 3, 4].contains($0) } ?? false
  }

  private func check(isGiven: Bool) throws(Diagnostic) {
    let rank = shape.count
    let found = "input '\(name)' is \(type)"
    let batch = rank == 4 ? "1, " : ""
    if rank > 2 {
      let expected =
        isGiven
        ? "\(layout == .nchw ? "[\(batch)C, H, W]" : "[\(batch)H, W, C]")"
        : "[\(batch)C, H, W] or [\(batch)H, W, C]"
      let isOpen = isGiven && extents[channelAxis] == nil
      guard isOpen || Self.isChannels(extents[channelAxis]) else {
        throw Diagnostic(
          "image.input", "\(found), expected \(expected) with 1, 3 or 4 channels for an image",
          notes: isGiven ? [] : ["where the channels are a symbol, say which axis with --layout"])
      }
    }
    if rank == 4, let batch = extents[0], batch != 1 {
      throw Diagnostic("image.input", "\(found), expected a batch of 1 for one image")
    }
  }

  private var channelAxis: Int { layout == .nchw ? shape.count - 3 : shape.count - 1 }
  private var heightAxis: Int {
    layout == .nchw || shape.count == 2 ? shape.count - 2 : shape.count - 3
  }

  /// The number of channels; nil where the image decides.
  var channels: Int? { shape.count == 2 ? 1 : extents[channelAxis] }
  /// Rows; nil where the image decides.
  var height: Int? { extents[heightAxis] }
  /// Columns; nil where the image decides.
  var width: Int? { extents[heightAxis + 1] }

  /// The shape of the tensor for an image of the right size.
  ///
  /// - Throws: `image.size` when the image is of another size than the input, or not square where it must be.
  func shape(for image: Image) throws(Diagnostic) -> [Int] {
    let found = "the image has \(image.height) x \(image.width) pixels"
    if image.height != height ?? image.height || image.width != width ?? image.width {
      throw Diagnostic(
        "image.size",
        "\(found) after resizing and cropping, expected \(height ?? image.height) x "
          + "\(width ?? image.width) for input '\(name)' \(type)")
    }
    if height == nil, shape[heightAxis] == shape[heightAxis + 1], image.height != image.width {
      throw Diagnostic(
        "image.size",
        "\(found), expected a square for input '\(name)' \(type), whose sides are one symbol")
    }
    let plane = [image.height, image.width]
    if shape.count == 2 { return plane }
    let batch = shape.count == 4 ? [1] : []
    return batch + (layout == .nchw ? [image.channels] + plane : plane + [image.channels])
  }
}
