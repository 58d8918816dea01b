package import IR
package import Tensors

/// An operator that reads its first input beyond the edges, where it wants zeros.
package protocol HaloDemanding: Op {
  /// The halo on every axis of the first input; nil where the operator will not use one.
  func inputHalos(_ shape: [IndexExpr], weights: [IndexExpr]?) -> [Layout.Halo]?
}
