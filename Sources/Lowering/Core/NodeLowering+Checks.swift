package import Diagnostics
import IR
package import Loops
package import Tensors

/// Checks of shapes that inference leaves to the lowering and to the run: what they let through is never read beyond its
/// end.
extension NodeLowering {
  /// An input that holds at least one element, of which the first counts; open dimensions are 1.
  ///
  /// - Throws: `shape.not-a-scalar` when it is known to be empty.
  package func scalar(_ index: Int) throws(Diagnostic) -> Placed {
    let placed = try plain(index)
    if placed.shape.contains(0) {
      throw Diagnostic(
        "shape.not-a-scalar", "input \(index) has shape \(placed.shape), expected one element")
    }
    for (axis, size) in placed.shape.enumerated() where !size.isConstant {
      try require(index, axis: axis, .equal, 1)
    }
    return placed
  }

  /// A vector that holds at least `count` elements.
  ///
  /// - Throws: `shape.mismatch` when it is known to be shorter, or no vector.
  package func vector(_ index: Int, count: Int) throws(Diagnostic) -> Placed {
    let placed = try plain(index)
    guard placed.shape.count == 1 else {
      throw Diagnostic(
        "shape.mismatch", "input \(index) has shape \(placed.shape), expected a vector")
    }
    if let length = placed.shape[0].value, length < count {
      throw Diagnostic(
        "shape.mismatch", "input \(index) has \(length) elements, expected \(count)")
    }
    try require("the length of '\(name(index))'", IndexExpr(count), .atMost, placed.shape[0])
    return placed
  }

  /// Two sizes that have to fit each other, compared at the latest when the program runs.
  ///
  /// - Parameter subject: which size it is, for messages.
  /// - Throws: `shape.mismatch` when they are known not to fit.
  package func require(
    _ subject: @autoclosure () -> String, _ size: IndexExpr,
    _ relation: Program.Check.Relation, _ expected: IndexExpr
  ) throws(Diagnostic) {
    try session.require(label, subject(), size, relation, expected)
  }

  /// One dimension of an input that has to fit another size.
  ///
  /// - Throws: `shape.mismatch` when it is known not to.
  package func require(
    _ index: Int, axis: Int, _ relation: Program.Check.Relation, _ expected: IndexExpr
  ) throws(Diagnostic) {
    let shape = try shape(index)
    guard shape.indices.contains(axis) else {
      throw Diagnostic(
        "shape.mismatch", "input \(index) has shape \(shape), expected more than \(axis) axes")
    }
    try require("dimension \(axis) of '\(name(index))'", shape[axis], relation, expected)
  }

  /// An input of a certain shape.
  ///
  /// - Throws: `shape.mismatch` when it is known to have another.
  package func require(_ index: Int, _ expected: [IndexExpr]) throws(Diagnostic) {
    let found = try shape(index)
    guard found.count == expected.count else {
      throw Diagnostic(
        "shape.mismatch", "input \(index) has shape \(found), expected \(expected)")
    }
    for axis in found.indices { try require(index, axis: axis, .equal, expected[axis]) }
  }

  /// An input of one element, or a vector of `count`; where that is open it is a vector of `count`.
  ///
  /// - Throws: `shape.mismatch` when it is known to be neither.
  package func require(_ index: Int, oneOr count: IndexExpr) throws(Diagnostic) {
    let found = try shape(index)
    if found.allSatisfy({ $0 == 1 }) { return }
    try require(index, [count])
  }

  /// An input that broadcasts to a shape, aligned at the last axes.
  ///
  /// - Throws: `shape.mismatch` when it is known not to.
  package func requireBroadcast(_ index: Int, to shape: [IndexExpr]) throws(Diagnostic) {
    guard let value = inputs[index] else { return }
    try session.requireBroadcast(value, to: shape, label: label)
  }

  /// A dimension of an input that divides into parts.
  ///
  /// - Throws: `shape.mismatch` when it is known not to.
  package func require(_ index: Int, axis: Int, divisibleBy parts: Int) throws(Diagnostic) {
    let size = try shape(index)[axis]
    try require(
      "dimension \(axis) of '\(name(index))' modulo \(parts)", size.mod(IndexExpr(parts)), .equal, 0
    )
  }

  private func name(_ index: Int) -> String {
    index < inputs.count ? inputs[index].map { session.graph[$0].name } ?? "" : ""
  }
}
