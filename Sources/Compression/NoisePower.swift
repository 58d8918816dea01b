import IR
import Tensors

/// The power of a signal and of what quantization adds to it, summed over elements.
package struct NoisePower: Sendable {
  package private(set) var signal = 0.0
  package private(set) var noise = 0.0

  /// The signal-to-noise ratio in decibels, `10 log10(sum x^2 / sum (x - q(x))^2)`; nil without noise.
  package var decibels: Double? {
    guard noise > 0 else { return nil }
    return signal > 0 ? max(10 * (signal / noise).decimalLogarithm, Self.least) : Self.least
  }

  /// What is all noise.
  private static let least = -200.0

  /// - Precondition: both are `f32` of the same shape.
  mutating func add(_ exact: Tensor, _ found: Tensor) {
    exact.withSpan(of: Float.self) { exact in
      found.withSpan(of: Float.self) { found in
        for index in exact.indices {
          let value = Double(exact[index])
          let error = Double(found[index]) - value
          signal += value * value
          // What is no number any more is worse than any error.
          noise += error.isFinite ? error * error : 1e30
        }
      }
    }
  }

  /// Adds some values of a sample; those that `found` lacks are exact.
  mutating func add(
    _ values: [ValueID], exact: [ValueID: Value], found: [ValueID: Value]
  ) {
    for value in values {
      guard let reference = exact[value]?.tensor, reference.type == .f32 else { continue }
      let actual = found[value]?.tensor ?? reference
      if actual.type == .f32, actual.shape == reference.shape { add(reference, actual) }
    }
  }
}
