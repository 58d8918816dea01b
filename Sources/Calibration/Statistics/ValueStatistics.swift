public import Diagnostics
public import Tensors

/// What is known of one value after some samples: exact extremes, a histogram, and sums over samples.
///
/// Elements are taken in f32, which holds f16 and bf16 as they are; those of f64 are rounded. The statistics of two
/// sets of samples merge into exactly those of their union, in any order.
public struct ValueStatistics: Sendable, Hashable {
  /// How many samples had the value with at least one element.
  public private(set) var sampleCount = 0
  /// How many elements there were.
  public private(set) var elementCount: UInt64 = 0
  /// Of all elements; zero before there are any.
  public private(set) var minimum: Float = 0
  public private(set) var maximum: Float = 0
  /// The sum of every sample's least element.
  public private(set) var sumOfMinima = ExactSum()
  /// The sum of every sample's greatest element.
  public private(set) var sumOfMaxima = ExactSum()
  public private(set) var histogram = Histogram()

  public init() {}

  /// Whether all elements were the same number.
  public var isConstant: Bool { elementCount > 0 && minimum == maximum }

  /// A warning where all elements were the same number.
  package func warning(at location: Location) -> Diagnostic? {
    guard isConstant else { return nil }
    return Diagnostic(
      "calibration.constant",
      "all \(elementCount) elements of \(sampleCount) samples are \(minimum)",
      severity: .warning, at: location)
  }

  /// Takes in the value of one sample.
  ///
  /// - Throws: `calibration.not-finite` with the place of the first NaN or infinity; `calibration.type` for a tensor
  ///   that is not of floats. The statistics are unchanged then.
  public mutating func add(_ tensor: Tensor) throws(Diagnostic) {
    switch tensor.type {
    case .f32:
      try tensor.withSpan(of: Float.self) { (span) throws(Diagnostic) in
        try add(span, tensor.shape)
      }
    case .f16, .bf16, .f64:
      let elements = tensor.doubles.map { Float($0) }
      try add(elements.span, tensor.shape)
    default:
      throw Diagnostic(
        "calibration.type", "the value is of \(tensor.type), expected f32, f16, bf16 or f64")
    }
  }

  private mutating func add(_ elements: Span<Float>, _ shape: [Int]) throws(Diagnostic) {
    guard !elements.isEmpty else { return }
    var (low, high) = (Float.infinity, -Float.infinity)
    // A NaN or an infinity times zero is NaN and stays so.
    var check: Float = 0
    for index in elements.indices {
      let element = elements[index]
      low = element < low ? element : low
      high = element > high ? element : high
      check += element * 0
    }
    if check != 0 { throw Self.notFinite(elements, shape) }
    // Zero has no sign here: -0 and +0 are one number, and which came first must not show.
    (low, high) = (low == 0 ? 0 : low, high == 0 ? 0 : high)
    histogram.add(elements, largest: max(-low, high))
    minimum = elementCount == 0 ? low : min(minimum, low)
    maximum = elementCount == 0 ? high : max(maximum, high)
    sumOfMinima.add(low)
    sumOfMaxima.add(high)
    sampleCount += 1
    elementCount += UInt64(elements.count)
  }

  private static func notFinite(_ elements: Span<Float>, _ shape: [Int]) -> Diagnostic {
    let count = elements.indices.count { !elements[$0].isFinite }
    let first = elements.indices.first { !elements[$0].isFinite } ?? 0
    let place = zip(shape, shape.rowMajorStrides).map { first / $1 % $0 }
    return Diagnostic(
      "calibration.not-finite",
      "\(count) of \(elements.count) elements are not finite, the first is \(elements[first]) at \(place)"
    )
  }

  /// Adds the statistics of other samples.
  public mutating func merge(_ other: ValueStatistics) {
    guard other.elementCount > 0 else { return }
    minimum = elementCount == 0 ? other.minimum : min(minimum, other.minimum)
    maximum = elementCount == 0 ? other.maximum : max(maximum, other.maximum)
    sampleCount += other.sampleCount
    elementCount += other.elementCount
    sumOfMinima.merge(other.sumOfMinima)
    sumOfMaxima.merge(other.sumOfMaxima)
    histogram.merge(other.histogram)
  }
}

extension ValueStatistics: Codable {
  private enum CodingKeys: String, CodingKey {
    case sampleCount = "samples"
    case elementCount = "elements"
    case minimum
    case maximum
    case sumOfMinima
    case sumOfMaxima
    case histogram
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    sampleCount = try container.decode(Int.self, forKey: .sampleCount)
    elementCount = try container.decode(UInt64.self, forKey: .elementCount)
    minimum = try container.decode(Float.self, forKey: .minimum)
    maximum = try container.decode(Float.self, forKey: .maximum)
    sumOfMinima = try container.decode(ExactSum.self, forKey: .sumOfMinima)
    sumOfMaxima = try container.decode(ExactSum.self, forKey: .sumOfMaxima)
    histogram = try container.decode(Histogram.self, forKey: .histogram)
    guard (sampleCount > 0) == (elementCount > 0), sampleCount >= 0, minimum <= maximum,
      minimum.isFinite, maximum.isFinite, histogram.count == elementCount
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .elementCount, in: container, debugDescription: "the counts contradict each other")
    }
  }
}
