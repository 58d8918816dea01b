import ArgumentParser
import Images
import Martlet

/// How images given as inputs are prepared; named as in a dataset's `dataset.yaml`.
struct ImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Resize: the shorter side, or height and width. Default: stretched to the input's.",
      valueName: "PIXELS|H,W"),
    transform: { try parsed($0, ImagePreprocessing.Resize.init, "256 or 224,320") })
  var resize: ImagePreprocessing.Resize?
  @Option(
    help: ArgumentHelp("Keep the middle, after resizing.", valueName: "PIXELS|H,W"),
    transform: { try parsed($0, ImagePreprocessing.Size.init, "224 or 224,320") })
  var crop: ImagePreprocessing.Size?
  @Option(help: "How pixels are resampled: nearest, bilinear or bicubic.")
  var interpolation = Image.Interpolation.bilinear
  @Option(help: "The order of colours: RGB or BGR.") var color = ImagePreprocessing.Color.rgb
  @Option(
    help: ArgumentHelp(
      "Divide pixels by this. Default: 255 for inputs of floats, 1 for integers.", valueName: "X"))
  var scale: Double?
  @Option(
    help: ArgumentHelp("Then subtract: one number, or one per channel.", valueName: "X,..."),
    transform: numbers)
  var mean: [Double]?
  @Option(
    help: ArgumentHelp("Then divide by: one number, or one per channel.", valueName: "X,..."),
    transform: numbers)
  var std: [Double]?
  @Option(help: "Where an input's channels are: NCHW or NHWC. Default: what its shape says.")
  var layout: ImagePreprocessing.Layout?

  var preprocessing: ImagePreprocessing {
    var result = ImagePreprocessing()
    result.resize = resize
    result.crop = crop
    result.interpolation = interpolation
    result.color = color
    result.scale = scale
    result.mean = mean ?? []
    result.std = std ?? []
    result.layout = layout
    return result
  }
}

private func parsed<T>(
  _ text: String, _ read: (String) -> T?, _ expected: String
) throws -> T {
  guard let value = read(text) else {
    throw ValidationError("found '\(text)', expected \(expected)")
  }
  return value
}

private func numbers(_ text: String) throws -> [Double] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map {
    guard let number = Double($0.filter { $0 != " " }) else {
      throw ValidationError("found '\(text)', expected numbers with commas between them")
    }
    return number
  }
}
