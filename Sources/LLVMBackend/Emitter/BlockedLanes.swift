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

  private func open(_ atom: IndexAtom, _ isMultiple: (IndexExpr, Int) -> Bool) -> IndexExpr? {
    let (dividend, divisor, isRemainder): (IndexExpr, IndexExpr, Bool)
    switch atom {
    case .floorDiv(let p, let q): (dividend, divisor, isRemainder) = (p, q, false)
    case .mod(let p, let q): (dividend, divisor, isRemainder) = (p, q, true)
    default: return nil
    }
    guard let d = divisor.value, d > 0, d % count == 0 else { return nil }
    let dividendOpened = open(dividend, isMultiple: isMultiple)
    guard let (coefficient, rest) = dividendOpened.linear(in: symbol), coefficient == 1 else {
      return nil
    }
    // Everything else that is added must keep the block whole.
    guard isMultiple(rest, count) else { return nil }
    let start = rest + base
    let lane = IndexExpr(symbol) - base
    return isRemainder ? start.mod(divisor) + lane : start.floorDiv(divisor)
  }
}
