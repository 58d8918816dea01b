import Tensors

/// Opens quotients and remainders of the variable of a vector loop whose lanes fill aligned blocks.
///
/// With `i = base + lane`, `base` a multiple of the lane count and `d` too, `i / d` is the same in all lanes and
/// `i mod d` is `(base mod d) + lane`: what a flattened index decomposes into stays contiguous.
struct BlockedLanes {
  let symbol: Symbol
  let count: Int
  let base: IndexExpr

  /// The expression without the symbol inside quotients and remainders, where that is possible.
  func open(
    _ expression: IndexExpr, isMultiple: (IndexExpr, Int) -> Bool
  ) -> IndexExpr {
    var sum = IndexExpr(expression.constant)
    var changed = false
    for term in expression.terms {
      var product = IndexExpr(term.coefficient)
      for factor in term.factors {
        if let opened = open(factor, isMultiple) {
          product = product * opened
          changed = true
        } else {
          product = product * IndexExpr(atom: factor)
        }
      }
      sum = sum + product
    }
    return changed ? sum : expression
  }

  /// Nil where nothing changes.
  private func open(_ atom: IndexAtom, _ isMultiple: (IndexExpr, Int) -> Bool) -> IndexExpr? {
    switch atom {
    case .symbol: return nil
    case .floorDiv(let p, let q):
      let dividend = open(p, isMultiple: isMultiple)
      if let start = blockStart(dividend, q, isMultiple) { return start.floorDiv(q) }
      return dividend == p ? nil : dividend.floorDiv(q)
    case .mod(let p, let q):
      let dividend = open(p, isMultiple: isMultiple)
      if let start = blockStart(dividend, q, isMultiple) {
        return start.mod(q) + IndexExpr(symbol) - base
      }
      return dividend == p ? nil : dividend.mod(q)
    case .min(let p, let q):
      let (x, y) = (open(p, isMultiple: isMultiple), open(q, isMultiple: isMultiple))
      return x == p && y == q ? nil : .min(x, y)
    case .max(let p, let q):
      let (x, y) = (open(p, isMultiple: isMultiple), open(q, isMultiple: isMultiple))
      return x == p && y == q ? nil : .max(x, y)
    case .broadcast(let p, let q):
      let (x, y) = (open(p, isMultiple: isMultiple), open(q, isMultiple: isMultiple))
      return x == p && y == q ? nil : .broadcast(x, y)
    }
  }

  /// The dividend in lane 0, where all lanes lie in one block that the divisor's multiples do not cut.
  private func blockStart(
    _ dividend: IndexExpr, _ divisor: IndexExpr, _ isMultiple: (IndexExpr, Int) -> Bool
  ) -> IndexExpr? {
    guard let d = divisor.value, d > 0, d % count == 0,
      let (coefficient, rest) = dividend.linear(in: symbol), coefficient == 1,
      isMultiple(rest, count)
    else { return nil }
    return rest + base
  }
}
