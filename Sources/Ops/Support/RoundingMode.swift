import Diagnostics
import IR

/// How a number becomes an integer, as QONNX names it.
///
/// Source: QONNX, docs/qonnx-custom-ops/intquant_v1.md, "Rounding modes". `ROUND_TO_ZERO` is an older name of `DOWN`.
package enum RoundingMode: String, CaseIterable, Sendable {
  /// To the nearest integer, halves to the even one.
  case round = "ROUND"
  case ceil = "CEIL"
  case floor = "FLOOR"
  /// Away from zero.
  case up = "UP"
  /// Toward zero.
  case down = "DOWN"
  /// To the nearest integer, halves away from zero.
  case halfUp = "HALF_UP"
  /// To the nearest integer, halves toward zero.
  case halfDown = "HALF_DOWN"

  private static let olderNames = ["ROUND_TO_ZERO": down, "HALF_EVEN": round]

  func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .round: x.rounded(.toNearestOrEven)
    case .ceil: x.rounded(.up)
    case .floor: x.rounded(.down)
    case .up: x.rounded(.awayFromZero)
    case .down: x.rounded(.towardZero)
    case .halfUp: x.rounded(.toNearestOrAwayFromZero)
    case .halfDown:
      abs(x - x.rounded(.towardZero)) > 0.5 ? x.rounded(.awayFromZero) : x.rounded(.towardZero)
    }
  }

  /// Reads `rounding_mode`, in capital or small letters.
  ///
  /// - Throws: `attribute.value` when it names none.
  init(_ attributes: inout AttributeReader, default standard: RoundingMode) throws(Diagnostic) {
    let name = try attributes.optionalString("rounding_mode") ?? standard.rawValue
    guard let mode = Self(rawValue: name.uppercased()) ?? Self.olderNames[name.uppercased()] else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw Diagnostic(
        "attribute.value", "attribute 'rounding_mode' is '\(name)', expected one of \(known)")
    }
    self = mode
  }
}
