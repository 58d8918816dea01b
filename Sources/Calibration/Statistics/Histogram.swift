/// How often values of each size occurred: a two-sided histogram whose merging is exact.
///
/// Bins have one width, a power of two, on both sides of zero: bin `i` of the positive side holds `i * width <= x` and
/// `x < (i + 1) * width`, the negative side is its mirror image, and zeros are counted by themselves. The width is the
/// least at which the largest magnitude still falls into one of `binCount` bins. So the histogram follows from the
/// values alone, not from their order or from how they were divided among histograms: a wider bin is two narrower ones
/// joined, and the parts agree on the width that the whole needs.
public struct Histogram: Sendable, Hashable {
  /// Bins of each side.
  public static let binCount = 4096
  /// Below this a width is not made narrower; all of f32 lies far above.
  private static let leastExponent = -200

  /// Bins have the width `2^exponent`.
  public private(set) var exponent = Self.leastExponent
  /// Counts from zero outward; shorter than `binCount` where no value lies further out.
  public private(set) var positive: [UInt64] = []
  public private(set) var negative: [UInt64] = []
  public private(set) var zeroCount: UInt64 = 0

  public init() {}

  public var width: Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// How many values are counted.
  public var count: UInt64 {
    positive.reduce(0, +) + negative.reduce(0, +) + zeroCount
  }

  /// Counts some values.
  ///
  /// - Precondition: all are finite, and none exceeds `largest` in magnitude.
  public mutating func add(_ values: Span<Float>, largest: Float) {
    coarsen(to: Self.exponent(for: largest))
    let places = 1 / width
    for index in values.indices {
      let value = values[index]
      if value > 0 {
        Self.count(Int(Double(value) * places), &positive)
      } else if value < 0 {
        Self.count(Int(Double(-value) * places), &negative)
      } else {
        zeroCount += 1
      }
    }
  }

  @inline(__always) private static func count(_ bin: Int, _ side: inout [UInt64]) {
    while side.count <= bin { side.append(0) }
    side[bin] += 1
  }

  /// Adds what another histogram counted.
  public mutating func merge(_ other: Histogram) {
    var other = other
    other.coarsen(to: exponent)
    coarsen(to: other.exponent)
    Self.add(other.positive, to: &positive)
    Self.add(other.negative, to: &negative)
    zeroCount += other.zeroCount
  }

  private static func add(_ counts: [UInt64], to side: inout [UInt64]) {
    while side.count < counts.count { side.append(0) }
    for (index, count) in counts.enumerated() { side[index] += count }
  }

  /// The exponent at which a magnitude falls into the last half of the bins.
  private static func exponent(for largest: Float) -> Int {
    guard largest > 0 else { return leastExponent }
    return max(Int(largest.exponent) + 1 - binCount.trailingZeroBitCount, leastExponent)
  }

  /// Joins pairs of bins until they are `2^wanted` wide; never makes them narrower.
  private mutating func coarsen(to wanted: Int) {
    let steps = wanted - exponent
    guard steps > 0 else { return }
    positive = Self.joined(positive, steps)
    negative = Self.joined(negative, steps)
    exponent = wanted
  }

  private static func joined(_ side: [UInt64], _ steps: Int) -> [UInt64] {
    guard let last = side.indices.last else { return side }
    var result = [UInt64](repeating: 0, count: (last >> min(steps, 62)) + 1)
    for (index, count) in side.enumerated() { result[index >> min(steps, 62)] += count }
    return result
  }
}

extension Histogram: Codable {
  private enum CodingKeys: String, CodingKey {
    case exponent
    case positive
    case negative
    case zeroCount = "zeros"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    exponent = try container.decode(Int.self, forKey: .exponent)
    positive = try container.decode([UInt64].self, forKey: .positive)
    negative = try container.decode([UInt64].self, forKey: .negative)
    zeroCount = try container.decode(UInt64.self, forKey: .zeroCount)
    let counts = positive + negative + [zeroCount]
    guard (Self.leastExponent...128).contains(exponent), positive.count <= Self.binCount,
      negative.count <= Self.binCount, positive.last != 0, negative.last != 0,
      counts.allSatisfy({ $0 < 1 << 48 })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .exponent, in: container, debugDescription: "the counts are out of range")
    }
  }
}
