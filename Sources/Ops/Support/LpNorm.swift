import Diagnostics
import Glibc
import IR

/// The pieces of a p-norm, `(sum |x|^p)^(1/p)`.
enum LpNorm {
  /// The attribute `p`, 2 where left out.
  ///
  /// - Throws: `attribute.value` when it is below 1.
  static func order(_ attributes: inout AttributeReader) throws(Diagnostic) -> Int {
    let p = try attributes.int("p", default: 2)
    guard p >= 1 else { throw Diagnostic("attribute.value", "p is \(p), expected at least 1") }
    return p
  }

  /// `|x|^p`.
  static func power(_ x: Double, _ p: Int) -> Double {
    switch p {
    case 1: x.magnitude
    case 2: x * x
    default: pow(x.magnitude, Double(p))
    }
  }

  /// `sum^(1/p)`.
  static func root(_ sum: Double, _ p: Int) -> Double {
    switch p {
    case 1: sum
    case 2: sum.squareRoot()
    default: pow(sum, 1 / Double(p))
    }
  }
}
