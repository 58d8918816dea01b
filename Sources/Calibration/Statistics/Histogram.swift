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
  /// From the outermost bin of the negative side to that of the positive, zeros in the middle; empty before there are
  /// any values.
  private var counts: [UInt64] = []

  public init() {}

  public var width: Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// How many values are counted.
  public var count: UInt64 { counts.reduce(0, +) }

  public var zeroCount: UInt64 { counts.isEmpty ? 0 : counts[Self.binCount] }

  /// Counts from zero outward, as far as there are values.
  public var positive: [UInt64] { Self.trimmed(counts.dropFirst(Self.binCount + 1)) }

  /// Counts from zero outward, as far as there are values.
  public var negative: [UInt64] { Self.trimmed(counts.prefix(Self.binCount).reversed()) }

  private static func trimmed(_ side: some BidirectionalCollection<UInt64>) -> [UInt64] {
    guard let last = side.lastIndex(where: { $0 != 0 }) else { return [] }
    return Array(side[...last])
  }

  /// Counts some values.
  ///
  /// Signs of activations are random to a processor, so there is no branch on them.
  ///
  /// - Precondition: all are finite, and none exceeds `largest` in magnitude.
  public mutating func add(_ values: Span<Float>, largest: Float) {
    guard !values.isEmpty else { return }
    coarsen(to: Self.exponent(for: largest))
    if counts.isEmpty { counts = Self.empty }
    let places = 1 / width
    var bins = counts.mutableSpan
    for index in values.indices {
      let place = Double(values[index]) * places
      let side = (place > 0 ? 1 : 0) - (place < 0 ? 1 : 0)
      bins[Self.binCount + Int(place) + side] += 1
    }
  }

  private static var empty: [UInt64] { Array(repeating: 0, count: 2 * binCount + 1) }

  /// Adds what another histogram counted.
  public mutating func merge(_ other: Histogram) {
    guard !other.counts.isEmpty else { return }
    var other = other
    other.coarsen(to: exponent)
    coarsen(to: other.exponent)
    if counts.isEmpty { counts = Self.empty }
    for index in counts.indices { counts[index] += other.counts[index] }
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
    exponent = wanted
    guard !counts.isEmpty else { return }
    let center = Self.binCount
    var joined = Self.empty
    joined[center] = counts[center]
    for bin in 0..<Self.binCount {
      let wide = bin >> steps
      joined[center + 1 + wide] += counts[center + 1 + bin]
      joined[center - 1 - wide] += counts[center - 1 - bin]
    }
    counts = joined
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
    let positive = try container.decode([UInt64].self, forKey: .positive)
    let negative = try container.decode([UInt64].self, forKey: .negative)
    let zeroCount = try container.decode(UInt64.self, forKey: .zeroCount)
    let sides = [positive, negative]
    guard (Self.leastExponent...128).contains(exponent),
      sides.allSatisfy({ $0.count <= Self.binCount && $0.last != 0 }),
      (sides.joined() + [zeroCount]).allSatisfy({ $0 < 1 << 48 })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .exponent, in: container, debugDescription: "the counts are out of range")
    }
    guard zeroCount > 0 || sides != [[], []] else { return }
    counts = Self.empty
    counts[Self.binCount] = zeroCount
    for (bin, count) in positive.enumerated() { counts[Self.binCount + 1 + bin] = count }
    for (bin, count) in negative.enumerated() { counts[Self.binCount - 1 - bin] = count }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(exponent, forKey: .exponent)
    try container.encode(positive, forKey: .positive)
    try container.encode(negative, forKey: .negative)
    try container.encode(zeroCount, forKey: .zeroCount)
  }
}
