import Diagnostics
import Glibc
import IR

/// Which integers so many bits stand for, as QONNX counts them.
///
/// Source: QONNX, docs/qonnx-custom-ops/intquant_v1.md.
package struct BitRange: Sendable, Equatable {
  /// Whether half of them are below zero.
  package let isSigned: Bool
  /// Whether one is left out: the least where there is a sign, else the greatest.
  package let isNarrow: Bool

  package init(isSigned: Bool = true, isNarrow: Bool = false) {
    self.isSigned = isSigned
    self.isNarrow = isNarrow
  }

  init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    isSigned = try attributes.flag("signed", default: true)
    isNarrow = try attributes.flag("narrow")
  }

  func describe(in attributes: inout Attributes) {
    attributes.flag("signed", isSigned, default: true)
    attributes.flag("narrow", isNarrow, default: false)
  }

  /// Two to the number of bits.
  package static func power(bits: Double) -> Float { Float(exp2(bits)) }

  /// The least number, where `power` is two to the number of bits.
  package func low(power: Float) -> Float {
    isSigned ? (isNarrow ? 1 : 0) - power / 2 : 0
  }

  /// The greatest number.
  package func high(power: Float) -> Float {
    isSigned ? power / 2 - 1 : power - (isNarrow ? 2 : 1)
  }
}

/// The nearest of the integers that so many bits stand for; NaN stays.
struct BitLevels: PairFunction {
  let range: BitRange
  let mode: RoundingMode
  /// Whether one bit with a sign is 1 or -1.
  var hasSign = false

  func callAsFunction(_ x: Float, _ bits: Float) -> Float {
    if hasSign, range.isSigned, bits == 1 { return x >= 0 ? 1 : -1 }
    let power = BitRange.power(bits: Double(bits))
    let (low, high) = (range.low(power: power), range.high(power: power))
    let lowered = x > high ? high : x
    return mode(lowered < low ? low : lowered)
  }
}
