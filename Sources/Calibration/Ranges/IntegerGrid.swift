/// The integers that a range is divided into: what `entropy` and `mse` need to know of the quantized form.
///
/// Real value `x = scale * (q - zeroPoint)`. An affine grid of `b` bits has `q` in `0..<2^b` and any zero point in it; a
/// symmetric one has `-(2^(b-1) - 1)...(2^(b-1) - 1)` around zero, so its ranges are as wide below zero as above.
public struct IntegerGrid: Sendable, Hashable {
  public var bitCount: Int
  public var isSymmetric: Bool

  /// - Precondition: `bitCount` is 2...16.
  public init(bitCount: Int = 8, isSymmetric: Bool = false) {
    precondition((2...16).contains(bitCount))
    self.bitCount = bitCount
    self.isSymmetric = isSymmetric
  }

  /// How many integers there are.
  public var levelCount: Int { (1 << bitCount) - (isSymmetric ? 1 : 0) }

  /// The squared difference that quantization makes, summed over elements of a distribution.
  ///
  /// - Parameters:
  ///   - range: contains zero and is not empty.
  ///   - limit: sums beyond this are of no interest; the result is then any number above it.
  func squaredError(
    _ points: [Distribution.Point], low: Double, high: Double, limit: Double
  ) -> Double {
    let step = (high - low) / Double(levelCount - 1)
    let zeroPoint = (-low / step).rounded(.toNearestOrEven)
    let (least, greatest) = (-zeroPoint, Double(levelCount - 1) - zeroPoint)
    var sum = 0.0
    for point in points {
      let level = (point.value / step).rounded(.toNearestOrEven)
      let difference = point.value - min(max(level, least), greatest) * step
      sum += difference * difference * point.weight
      if sum > limit { break }
    }
    return sum
  }
}
