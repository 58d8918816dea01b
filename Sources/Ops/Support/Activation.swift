import Glibc

/// Scalar functions that several activations share.
enum Activation {
  /// `x` brought into `low...high`; NaN stays NaN.
  static func clamp(_ x: Double, _ low: Double, _ high: Double) -> Double {
    x < low ? low : (x > high ? high : x)
  }

  /// `ln(1 + e^x)` without overflow.
  static func softplus(_ x: Double) -> Double {
    x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
  }
}
