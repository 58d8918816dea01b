/// A sum of finite 32-bit floats without rounding: the same whatever the order of addition.
///
/// The sum is a fixed-point number in units of 2^-149, the least float, in digits of 32 bits. All digits but the last
/// lie in 0..<2^32 and the last carries the sign, so equal sums have equal digits. There is room for 2^40 terms.
public struct ExactSum: Sendable, Hashable, Codable {
  private static let digitCount = 11
  private static let unitExponent = -149

  /// From the least significant; empty for zero.
  private var digits: [Int64] = []

  public init() {}

  /// - Precondition: `value` is finite.
  public mutating func add(_ value: Float) {
    precondition(value.isFinite, "found \(value), expected a finite number")
    guard value != 0 else { return }
    // The significand as a whole number and the place of its last bit, counted from the unit.
    let stored = value.exponentBitPattern
    let fraction = Int64(value.significandBitPattern)
    let whole = stored == 0 ? fraction : fraction | 1 << Int64(Float.significandBitCount)
    let place = stored == 0 ? 0 : Int(stored) - 1
    let shifted = whole << Int64(place % 32)
    let sign: Int64 = value < 0 ? -1 : 1
    if digits.isEmpty { digits = Array(repeating: 0, count: Self.digitCount) }
    digits[place / 32] += sign * (shifted & 0xFFFF_FFFF)
    digits[place / 32 + 1] += sign * (shifted >> 32)
    carry()
  }

  public mutating func merge(_ other: ExactSum) {
    guard !other.digits.isEmpty else { return }
    if digits.isEmpty { digits = Array(repeating: 0, count: Self.digitCount) }
    for index in digits.indices { digits[index] += other.digits[index] }
    carry()
  }

  private mutating func carry() {
    for index in 0..<(digits.count - 1) {
      digits[index + 1] += digits[index] >> 32
      digits[index] &= 0xFFFF_FFFF
    }
    if digits.allSatisfy({ $0 == 0 }) { digits = [] }
  }

  /// The sum as a double, rounded from its leading digits.
  public var value: Double {
    // Digits of a negative sum are those of its complement: the magnitude is what has few leading digits.
    let isNegative = (digits.last ?? 0) < 0
    var magnitude = ExactSum()
    magnitude.digits = isNegative ? digits.map { -$0 } : digits
    if isNegative { magnitude.carry() }
    var result = 0.0
    for (index, digit) in magnitude.digits.enumerated().reversed() where digit != 0 {
      result += Double(
        sign: .plus, exponent: 32 * index + Self.unitExponent, significand: Double(digit))
    }
    return isNegative ? -result : result
  }

  // MARK: - Encoding

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    digits = try container.decode([Int64].self)
    let isCanonical =
      digits.isEmpty
      || (digits.count == Self.digitCount
        && digits.dropLast().allSatisfy { (0..<(1 << 32)).contains($0) }
        && digits.contains { $0 != 0 } && (digits.last ?? 0).magnitude < 1 << 40)
    guard isCanonical else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "the digits of a sum are out of range")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(digits)
  }
}
