import Glibc
import Tensors

/// What classifiers and regressors make of their raw scores, one sample at a time.
///
/// Source: ai.onnx.ml, attribute `post_transform`.
enum ScoreTransform: String, CaseIterable, Sendable {
  case none = "NONE"
  case softmax = "SOFTMAX"
  case logistic = "LOGISTIC"
  /// Softmax in which scores of zero stay zero.
  case softmaxZero = "SOFTMAX_ZERO"
  case probit = "PROBIT"

  static var names: [String] { allCases.map(\.rawValue) }

  func apply(_ scores: [Double]) -> [Double] {
    switch self {
    case .none: scores
    case .softmax: normalized(scores) { _ in true }
    case .softmaxZero: normalized(scores) { $0.magnitude > 1e-7 }
    case .logistic: scores.map { 1 / (1 + exp(-$0)) }
    case .probit: scores.map { 2.0.squareRoot() * Self.inverseErf(2 * $0 - 1) }
    }
  }

  private func normalized(_ scores: [Double], _ counts: (Double) -> Bool) -> [Double] {
    guard let most = scores.max() else { return [] }
    let powers = scores.map { counts($0) ? exp($0 - most) : $0 * exp(-most) }
    let sum = powers.reduce(0, +)
    return powers.map { sum == 0 ? 0.5 : $0 / sum }
  }

  /// Winitzki's approximation with a = 0.147, which the standard's implementations share.
  private static func inverseErf(_ x: Double) -> Double {
    let remainder = (1 - x) * (1 + x)
    if remainder == 0 { return 0 }
    let logarithm = log(remainder)
    let a = 2 / (Double.pi * 0.147) + 0.5 * logarithm
    let b = logarithm / 0.147
    let magnitude = (-a + (a * a - b).squareRoot()).squareRoot()
    return x < 0 ? -magnitude : magnitude
  }
}
