/// Mean and population variance, in two passes in f64.
struct Moments {
  let mean: Double
  let variance: Double

  init(_ values: ArraySlice<Double>) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.mean = mean
    variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
  }

  /// `1 / sqrt(variance + epsilon)`.
  func inverseDeviation(_ epsilon: Double) -> Double { 1 / (variance + epsilon).squareRoot() }
}
