package import IR
package import Loops
package import Tensors

/// An operator that reads its first input beyond the edges, where it wants zeros or a constant of its own.
package protocol HaloDemanding: Op {
  /// The halo on every axis of the first input; nil where the operator will not use one.
  func inputHalos(
    _ shape: [IndexExpr], weights: [IndexExpr]?, for target: Target
  ) -> [Layout.Halo]?

  /// The same where the first input lies in rows: such halos cost little, and none is used by operators that read
  /// blocks only.
  func rowHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]?

  /// The input that holds what it wants there, one integer; nil for zeros.
  var fillInput: Int? { get }
}

extension HaloDemanding {
  package func rowHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]? { nil }
  package var fillInput: Int? { nil }
}
