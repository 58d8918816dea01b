package import Diagnostics
package import Tensors

/// Checks of shapes that inference leaves to the run: what they let through is never read beyond its end.
extension NodeLowering {
  /// An input that holds at least one element, of which the first counts.
  ///
  /// - Throws: `shape.not-a-scalar` when it is known to be empty.
  package func scalar(_ index: Int) throws(Diagnostic) -> Placed {
    let placed = try plain(index)
    if placed.shape.contains(0) {
      throw Diagnostic(
        "shape.not-a-scalar", "input \(index) has shape \(placed.shape), expected one element")
    }
    return placed
  }

  /// A vector that holds at least `count` elements.
  ///
  /// - Throws: `shape.mismatch` when it is shorter or no vector, `lowering.symbolic-length` when that is not known.
  package func vector(_ index: Int, count: Int) throws(Diagnostic) -> Placed {
    let placed = try plain(index)
    guard placed.shape.count == 1 else {
      throw Diagnostic(
        "shape.mismatch", "input \(index) has shape \(placed.shape), expected a vector")
    }
    guard let length = placed.shape[0].value else {
      throw .unsupported(
        "lowering.symbolic-length", "the length of input \(index), \(placed.shape), is not known")
    }
    guard length >= count else {
      throw Diagnostic(
        "shape.mismatch", "input \(index) has \(length) elements, expected \(count)")
    }
    return placed
  }

  /// - Throws: `shape.mismatch` when an input is known to have another shape.
  package func require(_ index: Int, _ expected: [IndexExpr]) throws(Diagnostic) {
    let found = try shape(index)
    let differs = zip(found, expected).contains { $0.isConstant && $1.isConstant && $0 != $1 }
    guard found.count == expected.count, !differs else {
      throw Diagnostic(
        "shape.mismatch", "input \(index) has shape \(found), expected \(expected)")
    }
  }

  /// - Throws: `shape.mismatch` when an input is known to hold neither one element nor `count`.
  package func require(_ index: Int, oneOr count: IndexExpr) throws(Diagnostic) {
    let found = try shape(index)
    if found.allSatisfy({ $0 == 1 }) { return }
    try require(index, [count])
  }
}
