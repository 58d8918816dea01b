import Diagnostics
public import Images

/// How an image becomes an input: what a dataset's `dataset.yaml` says of one input, under the same names.
///
/// The steps, in this order: to the input's channels, `resize`, `crop`, `color`, and then for every element
/// `(pixel / scale - mean) / std`. Without `resize` and `crop` the image is stretched to the input's height and width
/// where those are numbers.
public struct ImagePreprocessing: Sendable, Hashable {
  /// Pixels down and across.
  public struct Size: Sendable, Hashable {
    public var height: Int
    public var width: Int

    public init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// What an image is resized to.
  public enum Resize: Sendable, Hashable {
    /// The shorter side to so many pixels, and the other one by the same factor, rounded down.
    case shorterSide(Int)
    case exactly(Size)
  }

  /// The order of an input's colours.
  public enum Color: String, Sendable, Hashable, CaseIterable {
    case rgb = "RGB"
    case bgr = "BGR"
  }

  /// Which axis of an input holds the channels; the batch is left off in inputs of three axes.
  public enum Layout: String, Sendable, Hashable, CaseIterable {
    case nchw = "NCHW"
    case nhwc = "NHWC"
  }

  public var resize: Resize?
  /// The part in the middle that is kept.
  public var crop: Size?
  public var interpolation = Image.Interpolation.bilinear
  public var color = Color.rgb
  /// What pixels of 0...255 are divided by; nil for 255 in inputs of floats, and 1 in inputs of integers.
  public var scale: Double?
  /// What is subtracted after that: nothing, one number, or one for each of the input's channels in its order.
  public var mean: [Double] = []
  /// What is divided by at last: nothing, one number, or one for each channel.
  public var std: [Double] = []
  /// Nil to find it from the input's shape.
  public var layout: Layout?

  public init() {}

  /// - Throws: `image.preprocessing` for sizes that are not positive and for numbers that cannot be divided by.
  func check() throws(Diagnostic) {
    func refuse(_ message: String) -> Diagnostic { Diagnostic("image.preprocessing", message) }
    var sizes: [Int] = []
    switch resize {
    case .shorterSide(let side): sizes.append(side)
    case .exactly(let size): sizes += [size.height, size.width]
    case nil: break
    }
    if let crop { sizes += [crop.height, crop.width] }
    if let wrong = sizes.first(where: { $0 < 1 || $0 > 1 << 24 }) {
      throw refuse("a size of resize or crop is \(wrong), expected 1...\(1 << 24)")
    }
    if let wrong = ((scale.map { [$0] } ?? []) + std).first(where: { !$0.isFinite || $0 == 0 }) {
      throw refuse("scale or std has \(wrong), expected a number to divide by")
    }
    if let wrong = mean.first(where: { !$0.isFinite }) {
      throw refuse("mean has \(wrong), expected a number")
    }
  }
}

extension ImagePreprocessing.Size {
  /// Reads `224` for both, or `224,320` for height and width; nil when it is neither.
  public init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0.filter { $0 != " " }) }
    guard numbers.count == parts.count, (1...2).contains(numbers.count),
      let first = numbers.first, let last = numbers.last
    else { return nil }
    self.init(height: first, width: last)
  }
}

extension ImagePreprocessing.Resize {
  /// Reads `256` for the shorter side, or `224,320` for height and width; nil when it is neither.
  public init?(_ text: String) {
    guard let size = ImagePreprocessing.Size(text) else { return nil }
    self = text.contains(",") ? .exactly(size) : .shorterSide(size.height)
  }
}
