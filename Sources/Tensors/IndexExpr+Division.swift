extension IndexExpr {
  /// The polynomial `q` with `q * divisor == self`, or nil when there is none (or it takes many steps).
  ///
  /// Unlike `floorDiv` it divides by expressions of symbols: `(N * C + 2 * N) / N` is `C + 2`. The quotient is
  /// right for every assignment under which the divisor is not zero.
  public func exactQuotient(_ divisor: IndexExpr) -> IndexExpr? {
    if let d = divisor.value {
      guard d != 0, constant % d == 0, terms.allSatisfy({ $0.coefficient % d == 0 }) else {
        return nil
      }
      return IndexExpr(
        constant: constant / d,
        terms: terms.map { Term(coefficient: $0.coefficient / d, factors: $0.factors) })
    }
    var rest = self
    var quotient = IndexExpr(0)
    let lead = divisor.leadingTerm
    for _ in 0..<32 {
      if rest == 0 { return quotient }
      guard let part = rest.leadingTerm.dividing(by: lead) else { return nil }
      let step =
        part.factors.isEmpty
        ? IndexExpr(part.coefficient) : IndexExpr(constant: 0, terms: [part])
      quotient = quotient + step
      rest = rest - step * divisor
    }
    return nil
  }

  /// The term of highest degree, the first among equals; the constant when there is no other.
  private var leadingTerm: Term {
    var lead = Term(coefficient: constant, factors: [])
    for term in terms where term.factors.count > lead.factors.count { lead = term }
    return lead
  }
}

extension IndexExpr.Term {
  fileprivate func dividing(by divisor: IndexExpr.Term) -> IndexExpr.Term? {
    guard divisor.coefficient != 0, coefficient % divisor.coefficient == 0 else { return nil }
    var remaining = factors
    for factor in divisor.factors {
      guard let place = remaining.firstIndex(of: factor) else { return nil }
      remaining.remove(at: place)
    }
    return IndexExpr.Term(coefficient: coefficient / divisor.coefficient, factors: remaining)
  }
}
