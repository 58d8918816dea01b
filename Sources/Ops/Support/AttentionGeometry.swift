package import Diagnostics
package import Tensors

/// The sizes of an attention, whatever form its operands have.
package struct AttentionGeometry: Sendable, Hashable {
  package let batch: IndexExpr
  package let heads: IndexExpr
  package let keyHeads: IndexExpr
  package let queries: IndexExpr
  /// Keys of this call.
  package let keys: IndexExpr
  /// Keys of earlier calls.
  package let past: IndexExpr
  /// Elements of a query and of a key.
  package let size: IndexExpr
  package let valueSize: IndexExpr
  /// The shape of the result, in the form of the query.
  package let output: [IndexExpr]

  /// Keys in all.
  package var total: IndexExpr { past + keys }
  package var scores: [IndexExpr] { [batch, heads, queries, total] }
  package var presentKey: [IndexExpr] { [batch, keyHeads, total, size] }
  package var presentValue: [IndexExpr] { [batch, keyHeads, total, valueSize] }

  /// - Throws: `shape.rank`, `shape.heads`, `shape.attention` when operands disagree about a size.
  package init(
    query: [IndexExpr], key: [IndexExpr], value: [IndexExpr], pastKey: [IndexExpr]?,
    pastValue: [IndexExpr]?, queryHeads: Int, keyHeads: Int
  ) throws(Diagnostic) {
    let rank = query.count
    guard rank == 3 || rank == 4, key.count == rank, value.count == rank,
      (pastKey?.count ?? 4) == 4, (pastValue?.count ?? 4) == 4
    else {
      throw Diagnostic(
        "shape.rank",
        "Q \(query), K \(key) and V \(value), expected equal ranks of 3 or 4 and a past of rank 4")
    }
    let q = try Self.split(query, queryHeads, "q_num_heads")
    let k = try Self.split(key, keyHeads, "kv_num_heads")
    let v = try Self.split(value, keyHeads, "kv_num_heads")
    batch = try Self.agree(q.batch, k.batch, "the batch")
    heads = q.heads
    self.keyHeads = try Self.agree(k.heads, v.heads, "the number of key and value heads")
    queries = q.sequence
    keys = try Self.agree(k.sequence, v.sequence, "the number of keys and values")
    past = pastKey?[2] ?? 0
    size = try Self.agree(q.size, k.size, "the size of a head")
    valueSize = v.size
    if let pastKey { _ = try Self.agree(pastKey[3], size, "the size of a past key") }
    if let pastValue {
      _ = try Self.agree(pastValue[2], past, "the number of past keys and values")
      _ = try Self.agree(pastValue[3], valueSize, "the size of a past value")
    }
    if let p = heads.value, let q = self.keyHeads.value, q == 0 ? p != 0 : p % q != 0 {
      throw Diagnostic("shape.heads", "\(p) query heads do not divide among \(q) key heads")
    }
    output =
      rank == 4
      ? [batch, heads, queries, valueSize] : [batch, queries, heads * valueSize]
  }

  private static func split(
    _ shape: [IndexExpr], _ heads: Int, _ name: String
  ) throws(Diagnostic) -> (batch: IndexExpr, heads: IndexExpr, sequence: IndexExpr, size: IndexExpr)
  {
    if shape.count == 4 { return (shape[0], shape[1], shape[2], shape[3]) }
    guard heads > 0, (shape[2].value ?? 0) % heads == 0 else {
      throw Diagnostic("shape.heads", "\(shape) does not divide into \(heads) heads (\(name))")
    }
    return (shape[0], IndexExpr(heads), shape[1], shape[2].floorDiv(IndexExpr(heads)))
  }

  private static func agree(
    _ a: IndexExpr, _ b: IndexExpr, _ what: String
  ) throws(Diagnostic) -> IndexExpr {
    if let p = a.value, let q = b.value, p != q {
      throw Diagnostic("shape.attention", "\(what) is \(p) and \(q), expected equal numbers")
    }
    return a.isConstant ? a : b
  }

  /// - Throws: `shape.broadcast` when a mask, padded along its last axis, does not fit the scores.
  package func checkMask(_ mask: [IndexExpr]) throws(Diagnostic) {
    guard let last = mask.last else { return }
    if let width = last.value, let total = total.value, width > total {
      throw Diagnostic("shape.broadcast", "mask \(mask) is wider than \(total) keys")
    }
    try Broadcasting.checkFits(mask.dropLast() + [1], into: scores)
  }
}
