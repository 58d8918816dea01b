import Diagnostics
import Tensors

/// What integer division and remainder share.
enum IntegerDivision {
  /// - Throws: `run.division-by-zero` when an integer divisor is zero.
  static func check(_ divisor: Tensor) throws(Diagnostic) {
    guard divisor.type.isInteger, let values = divisor.integers else { return }
    guard let place = values.firstIndex(of: 0) else { return }
    throw Diagnostic(
      "run.division-by-zero",
      "element \(place) of the \(divisor.type)\(divisor.shape) divisor is 0, expected another integer"
    )
  }
}

extension IndexExpr {
  /// The quotient rounded toward zero; nil where the signs are not known.
  static func quotient(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr? {
    if let x = a.value, let y = b.value {
      return y == 0 ? nil : IndexExpr(x.dividedReportingOverflow(by: y).partialValue)
    }
    guard let low = a.lowerBound, low >= 0, let least = b.lowerBound, least > 0 else { return nil }
    return a.floorDiv(b)
  }

  /// The remainder with the sign of the divisor; nil where the divisor may be zero or negative.
  static func remainder(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr? {
    guard let least = b.lowerBound, least > 0 else { return nil }
    return a.mod(b)
  }
}
