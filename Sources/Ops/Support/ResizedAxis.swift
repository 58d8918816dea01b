/// How one axis is resized, in numbers: enough to tabulate which input elements every output position reads.
package struct ResizedAxis: Sendable, Hashable {
  /// One input element with its share.
  package struct Tap: Sendable, Hashable {
    package let index: Int
    package let weight: Double

    package init(index: Int, weight: Double) {
      self.index = index
      self.weight = weight
    }
  }

  package let input: Int
  package let output: Int
  /// Output positions per input position; the output's size need not be exactly `input * scale`.
  package let scale: Double
  /// The cropped part of the input for `tf_crop_and_resize`, in fractions of its length.
  package let region: (start: Double, end: Double)

  package init(
    input: Int, output: Int, scale: Double, region: (start: Double, end: Double) = (0, 1)
  ) {
    self.input = input
    self.output = output
    self.scale = scale
    self.region = region
  }

  package static func == (a: ResizedAxis, b: ResizedAxis) -> Bool {
    a.input == b.input && a.output == b.output && a.scale == b.scale && a.region == b.region
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(input)
    hasher.combine(output)
    hasher.combine(scale)
    hasher.combine(region.start)
    hasher.combine(region.end)
  }

  /// The input coordinate that output position `o` looks at.
  ///
  /// Source: ONNX Resize-19, attribute `coordinate_transformation_mode`; lengths are `input * scale`, not rounded, as in
  /// the standard's reference. The only position of `pytorch_half_pixel` is 0, as its text says; its reference takes -0.5.
  package func coordinate(_ o: Int, _ mode: CoordinateTransformation) -> Double {
    let x = Double(o)
    let length = Double(input)
    let resized = scale * length
    switch mode {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .halfPixelSymmetric:
      let offset = length / 2 * (1 - Double(output) / resized)
      return offset + (x + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return resized == 1 ? 0 : (x + 0.5) / scale - 0.5
    case .alignCorners: return resized == 1 ? 0 : x * (length - 1) / (resized - 1)
    case .asymmetric: return x / scale
    case .tensorflowHalfPixel: return (x + 0.5) / scale
    case .cropAndResize:
      let extent = (region.end - region.start) * (length - 1)
      let start = region.start * (length - 1)
      return start + (resized == 1 ? extent / 2 : x * extent / (resized - 1))
    }
  }

  /// Whether output position `o` lies outside a cropped input and takes the extrapolation value.
  package func isExtrapolated(_ o: Int, _ mode: CoordinateTransformation) -> Bool {
    guard mode == .cropAndResize else { return false }
    let x = coordinate(o, mode)
    return x < 0 || x > Double(input - 1)
  }

  /// The input position that `o` takes its element from, kept inside the input.
  package func nearest(
    _ o: Int, _ mode: CoordinateTransformation, _ rounding: NearestMode
  ) -> Int {
    clamp(rounding.position(coordinate(o, mode)))
  }

  /// The input positions and shares that make up output position `o`; shares add up to one.
  ///
  /// - Parameters:
  ///   - cubic: the coefficient `a` for cubic interpolation, nil for linear.
  ///   - antialias: whether the kernel widens when the axis shrinks.
  ///   - excludeOutside: whether positions outside the input get no share instead of repeating its edge.
  package func taps(
    _ o: Int, _ mode: CoordinateTransformation, cubic: Double?, antialias: Bool,
    excludeOutside: Bool
  ) -> [Tap] {
    let x = coordinate(o, mode)
    guard x.isFinite, x.magnitude < 0x1p52 else { return [Tap(index: 0, weight: 1)] }
    let base = x.rounded(.down)
    let ratio = x - base
    let shrink = antialias ? min(scale, 1) : 1
    let support = cubic == nil ? 1.0 : 2.0
    let first = Int((-support / shrink).rounded(.down)) + 1
    var taps: [(position: Double, weight: Double)] = []
    for i in first..<2 - first {
      let distance = ((Double(i) - ratio) * shrink).magnitude
      let weight = cubic.map { Self.cubic(distance, $0) } ?? max(0, 1 - distance)
      let position = base + Double(i)
      let isOutside = position < 0 || position > Double(input - 1)
      taps.append((position, excludeOutside && isOutside ? 0 : weight))
    }
    let total = taps.reduce(0) { $0 + $1.weight }
    let divisor = (antialias || excludeOutside) && total != 0 ? total : 1
    return taps.map { Tap(index: clamp($0.position), weight: $0.weight / divisor) }
  }

  private func clamp(_ position: Double) -> Int {
    Int(max(0, min(position.isNaN ? 0 : position, Double(input - 1))))
  }

  /// The cubic convolution kernel at distance `x >= 0`.
  ///
  /// Source: Keys 1981, IEEE Transactions on ASSP 29(6).
  static func cubic(_ x: Double, _ a: Double) -> Double {
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}
