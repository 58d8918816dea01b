import Diagnostics
import Tensors

/// Scores that are weighted sums of a sample's columns.
struct LinearModel: Sendable {
  /// One row of column weights per score.
  let coefficients: [Double]
  let intercepts: [Double]?

  /// The scores of every sample of a table.
  ///
  /// - Throws: `attribute.length` when the coefficients do not fit the table's columns.
  func scores(_ x: Tensor) throws(Diagnostic) -> [[Double]] {
    let (rows, columns) = try Columns.table(x.shape)
    guard columns > 0, coefficients.count % columns == 0, !coefficients.isEmpty else {
      throw Diagnostic(
        "attribute.length",
        "'coefficients' has \(coefficients.count) values, expected a multiple of \(columns) columns"
      )
    }
    let count = coefficients.count / columns
    if let intercepts, intercepts.count != count {
      throw Diagnostic(
        "attribute.length", "'intercepts' has \(intercepts.count) values, expected \(count)")
    }
    let values = x.doubles
    return (0..<rows).map { row in
      (0..<count).map { score in
        var sum = intercepts?[score] ?? 0
        for column in 0..<columns {
          sum += values[row * columns + column] * coefficients[score * columns + column]
        }
        return sum
      }
    }
  }
}
