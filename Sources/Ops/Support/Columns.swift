import Diagnostics
import Tensors

/// Tables of samples, `[N, C]`, where a vector is one sample, and values that belong to their columns.
enum Columns {
  /// Rows and columns of a table.
  ///
  /// - Throws: `shape.rank-mismatch` for other ranks.
  static func table(_ shape: [Int]) throws(Diagnostic) -> (rows: Int, columns: Int) {
    switch shape.count {
    case 1: return (1, shape[0])
    case 2: return (shape[0], shape[1])
    default:
      throw Diagnostic(
        "shape.rank-mismatch", "the input has shape \(shape), expected [N, C] or [C]")
    }
  }

  /// The number of samples of a table.
  static func rows(_ shape: [IndexExpr]) throws(Diagnostic) -> IndexExpr {
    guard (1...2).contains(shape.count) else {
      throw Diagnostic(
        "shape.rank-mismatch", "the input has shape \(shape), expected [N, C] or [C]")
    }
    return shape.count == 1 ? 1 : shape[0]
  }

  /// Checks that an attribute has one value, or one for each column.
  static func check(_ name: String, count: Int, columns: Int) throws(Diagnostic) {
    guard count == 1 || count == columns else {
      throw Diagnostic(
        "attribute.length",
        "'\(name)' has \(count) values, expected 1 or \(columns), one per column")
    }
  }
}
