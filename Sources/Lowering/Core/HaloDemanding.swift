package import IR
package import Tensors

/// An operator that reads its first input beyond the edges, where it wants zeros.
package protocol HaloDemanding: Op {
  /// The halo on every axis of the first input; nil where the operator will not use one.
  func inputHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]?

  /// The same where the first input lies in rows: such halos cost little, and none is used by operators that read
  /// blocks only.
  func rowHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]?
}

extension HaloDemanding {
  package func rowHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]? { nil }
}
