package import Tensors
package import TestSupport

/// Which numbers an operator's floating-point operand may hold; integers stay within the same bounds.
package enum Numbers: Sendable {
  /// Everything that the type has: NaN, infinities, -0, subnormal and huge numbers.
  case any
  /// At most 64 in magnitude: sums of squares, powers and conversions stay far from every limit of f16.
  case tame
  /// Within two bounds.
  case within(Double, Double)

  /// Whether every element of a tensor is such a number.
  package func admits(_ tensor: Tensor) -> Bool {
    switch self {
    case .any: true
    case .tame: tensor.doubles.allSatisfy { $0.magnitude <= Self.tameLimit }
    case .within(let low, let high): tensor.doubles.allSatisfy { $0 >= low && $0 <= high }
    }
  }

  private static let tameLimit = 64.0
  private static let special: [Double] = [
    .nan, .infinity, -.infinity, 0, -0.0, 1e-40, -3e-45, 6e-8, 3e38, -65504, 1, -1, 0.5, 88.8, -104,
  ]

  /// Random elements of a type. One tensor is of one kind: spread, halves (which tie), of all magnitudes, or sprinkled
  /// with special numbers.
  package func tensor(
    _ type: ElementType, _ shape: [Int], _ random: inout SplitMix
  ) -> Tensor {
    let count = shape.elementCount
    switch type {
    case .bool: return Tensor((0..<count).map { _ in random.below(2) == 1 }, shape: shape)
    case .string:
      let words = ["", "a", "b", "abc", "Ab c", "é"]
      return Tensor(
        strings: (0..<count).map { _ in words[random.below(words.count)] }, shape: shape)
    case .c64, .c128:
      let parts = (0..<count * 2).map { _ in Double(random.below(17) - 8) / 4 }
      return type == .c128
        ? Tensor(type: type, shape: shape) { bytes in
          parts.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
        : Tensor(type: type, shape: shape) { bytes in
          parts.map { Float($0) }.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
    default: break
    }
    if type.isInteger { return integers(type, shape, &random) }
    let kind = random.below(4)
    return Tensor(
      doubles: (0..<count).map { _ in float(kind, &random) }, shape: shape, type: type)
  }

  private func float(_ kind: Int, _ random: inout SplitMix) -> Double {
    let unit = Double(random.below(1 << 24)) / 0x1p24
    if case .within(let low, let high) = self { return low + unit * (high - low) }
    switch kind {
    case 0: return Double(random.below(13) - 6) / 2
    case 1:
      guard case .any = self else { return (unit - 0.5) * 16 }
      return random.below(3) > 0
        ? (unit - 0.5) * 8 : Self.special[random.below(Self.special.count)]
    case 2:
      guard case .any = self else { return (unit - 0.5) * 2 }
      let scale = Double(random.below(61) - 30)
      return (unit - 0.5) * Double(sign: .plus, exponent: Int(scale), significand: 1)
    default: return (unit - 0.5) * 4
    }
  }

  private func integers(_ type: ElementType, _ shape: [Int], _ random: inout SplitMix) -> Tensor {
    let width = min(type.bitWidth, 62)
    let least = type.isSignedInteger ? -(1 << (width - 1)) : 0
    let greatest = (type.isSignedInteger ? 1 << (width - 1) : 1 << width) - 1
    let lowest = { (low: Double) in max(least, Int(low.rounded(.up))) }
    var range = max(least, -6)...min(greatest, 6)
    switch self {
    case .any where random.below(2) == 0: range = least...greatest
    case .tame where type.bitWidth == 8 && random.below(2) == 0:
      range = max(least, -64)...min(greatest, 64)
    case .within(let low, let high):
      range = lowest(low)...max(lowest(low), min(greatest, Int(high)))
    default: break
    }
    let values = (0..<shape.elementCount).map { _ in
      range.lowerBound + random.below(range.count)
    }
    return Tensor(integers: values, shape: shape, type: type)
  }
}
