extension IndexExpr: CustomStringConvertible {
  /// The bounds that follow from the symbols' own, when every part has both.
  public var bounds: ClosedRange<Int>? {
    guard let low = lowerBound, let high = upperBound else { return nil }
    return low...high
  }

  /// A value that the expression is never below; nil when none is known.
  public var lowerBound: Int? { bound(lower: true) }

  /// A value that the expression is never above; nil when none is known.
  public var upperBound: Int? { bound(lower: false) }

  private func bound(lower: Bool) -> Int? {
    var total = constant
    for term in terms {
      // Products are bounded only where every factor is known not to be negative.
      var product = 1
      let wantLow = (term.coefficient > 0) == lower
      for factor in term.factors {
        guard let low = factor.bound(lower: true) else { return nil }
        if term.factors.count > 1, low < 0 { return nil }
        guard let edge = wantLow ? low : factor.bound(lower: false) else { return nil }
        let (result, overflow) = product.multipliedReportingOverflow(by: edge)
        if overflow { return nil }
        product = result
      }
      let (scaled, overflow) = product.multipliedReportingOverflow(by: term.coefficient)
      if overflow { return nil }
      let (sum, overflowed) = total.addingReportingOverflow(scaled)
      if overflowed { return nil }
      total = sum
    }
    return total
  }

  /// The value under an assignment of the symbols; nil when a symbol has none or a divisor is zero.
  public func evaluate(_ lookup: (Symbol) -> Int?) -> Int? {
    var total = constant
    for term in terms {
      var product = term.coefficient
      for factor in term.factors {
        guard let value = factor.evaluate(lookup) else { return nil }
        product = product &* value
      }
      total = total &+ product
    }
    return total
  }

  /// The expression with symbols replaced; those for which `replacement` is nil stay.
  public func substituting(_ replacement: (Symbol) -> IndexExpr?) -> IndexExpr {
    if terms.isEmpty { return self }
    var sum = IndexExpr(constant)
    for term in terms {
      var product = IndexExpr(term.coefficient)
      for factor in term.factors { product = product * factor.substituting(replacement) }
      sum = sum + product
    }
    return sum
  }

  /// Every symbol that occurs.
  public var symbols: Set<Symbol> {
    var found: Set<Symbol> = []
    collectSymbols(into: &found)
    return found
  }

  func collectSymbols(into found: inout Set<Symbol>) {
    for term in terms {
      for factor in term.factors {
        switch factor {
        case .symbol(let symbol): found.insert(symbol)
        case .floorDiv(let a, let b), .mod(let a, let b), .min(let a, let b), .max(let a, let b),
          .broadcast(let a, let b):
          a.collectSymbols(into: &found)
          b.collectSymbols(into: &found)
        }
      }
    }
  }

  /// The coefficient of `symbol` where the expression is linear in it: `self == coefficient * symbol + rest`.
  ///
  /// Nil when the symbol occurs inside a quotient, a remainder, a minimum, a maximum or a power.
  public func linear(in symbol: Symbol) -> (coefficient: IndexExpr, rest: IndexExpr)? {
    var coefficient = IndexExpr(0)
    var rest = IndexExpr(constant)
    for term in terms {
      var others: [IndexAtom] = []
      var count = 0
      for factor in term.factors {
        if case .symbol(let found) = factor, found == symbol {
          count += 1
        } else {
          if factor.mentions(symbol) { return nil }
          others.append(factor)
        }
      }
      if count > 1 { return nil }
      if count == 0 {
        rest = rest + IndexExpr(constant: 0, terms: [term])
      } else if others.isEmpty {
        coefficient = coefficient + IndexExpr(term.coefficient)
      } else {
        let part = Term(coefficient: term.coefficient, factors: others)
        coefficient = coefficient + IndexExpr(constant: 0, terms: [part])
      }
    }
    return (coefficient, rest)
  }

  public func mentions(_ symbol: Symbol) -> Bool {
    terms.contains { $0.factors.contains { $0.mentions(symbol) } }
  }

  /// The textual form, such as `N * 4 + floordiv(H + 1, 2)`.
  public var description: String {
    if terms.isEmpty { return String(constant) }
    var text = ""
    for term in terms {
      let product = term.factors.map(\.description).joined(separator: " * ")
      let magnitude = term.coefficient.magnitude
      let body = magnitude == 1 ? product : "\(magnitude) * \(product)"
      if text.isEmpty {
        text = term.coefficient < 0 ? "-\(body)" : body
      } else {
        text += term.coefficient < 0 ? " - \(body)" : " + \(body)"
      }
    }
    if constant != 0 { text += constant < 0 ? " - \(constant.magnitude)" : " + \(constant)" }
    return text
  }
}

extension IndexAtom: CustomStringConvertible {
  public var description: String {
    switch self {
    case .symbol(let symbol): symbol.quotedName
    case .floorDiv(let a, let b): "floordiv(\(a), \(b))"
    case .mod(let a, let b): "mod(\(a), \(b))"
    case .min(let a, let b): "min(\(a), \(b))"
    case .max(let a, let b): "max(\(a), \(b))"
    case .broadcast(let a, let b): "broadcast(\(a), \(b))"
    }
  }

  func mentions(_ symbol: Symbol) -> Bool {
    switch self {
    case .symbol(let found): found == symbol
    case .floorDiv(let a, let b), .mod(let a, let b), .min(let a, let b), .max(let a, let b),
      .broadcast(let a, let b):
      a.mentions(symbol) || b.mentions(symbol)
    }
  }

  func bound(lower: Bool) -> Int? {
    switch self {
    case .symbol(let symbol): return lower ? symbol.minimum : symbol.maximum
    case .floorDiv(let a, let b):
      guard let d = b.value, d > 0, let edge = lower ? a.lowerBound : a.upperBound else {
        // A quotient of non-negative parts is not negative.
        if lower, let p = a.lowerBound, p >= 0, let q = b.lowerBound, q >= 1 { return 0 }
        return nil
      }
      return IndexExpr.floorDiv(edge, d)
    case .mod(_, let b):
      if lower { return (b.lowerBound ?? 0) >= 1 ? 0 : nil }
      return b.upperBound.map { $0 - 1 }
    case .min(let a, let b):
      let p = lower ? a.lowerBound : a.upperBound
      let q = lower ? b.lowerBound : b.upperBound
      if lower {
        guard let p, let q else { return nil }
        return Swift.min(p, q)
      }
      return [p, q].compactMap { $0 }.min()
    case .max(let a, let b):
      let p = lower ? a.lowerBound : a.upperBound
      let q = lower ? b.lowerBound : b.upperBound
      if !lower {
        guard let p, let q else { return nil }
        return Swift.max(p, q)
      }
      return [p, q].compactMap { $0 }.max()
    case .broadcast(let a, let b):
      guard let p = lower ? a.lowerBound : a.upperBound,
        let q = lower ? b.lowerBound : b.upperBound
      else { return nil }
      return lower ? Swift.min(p, q) : Swift.max(p, q)
    }
  }

  func evaluate(_ lookup: (Symbol) -> Int?) -> Int? {
    switch self {
    case .symbol(let symbol): return lookup(symbol)
    case .floorDiv(let a, let b):
      guard let x = a.evaluate(lookup), let y = b.evaluate(lookup), y != 0 else { return nil }
      return IndexExpr.floorDiv(x, y)
    case .mod(let a, let b):
      guard let x = a.evaluate(lookup), let y = b.evaluate(lookup), y != 0 else { return nil }
      return x - y * IndexExpr.floorDiv(x, y)
    case .min(let a, let b):
      guard let x = a.evaluate(lookup), let y = b.evaluate(lookup) else { return nil }
      return Swift.min(x, y)
    case .max(let a, let b):
      guard let x = a.evaluate(lookup), let y = b.evaluate(lookup) else { return nil }
      return Swift.max(x, y)
    case .broadcast(let a, let b):
      guard let x = a.evaluate(lookup), let y = b.evaluate(lookup) else { return nil }
      return x == 1 ? y : x
    }
  }

  func substituting(_ replacement: (Symbol) -> IndexExpr?) -> IndexExpr {
    switch self {
    case .symbol(let symbol): replacement(symbol) ?? IndexExpr(atom: self)
    case .floorDiv(let a, let b):
      a.substituting(replacement).floorDiv(b.substituting(replacement))
    case .mod(let a, let b): a.substituting(replacement).mod(b.substituting(replacement))
    case .min(let a, let b): .min(a.substituting(replacement), b.substituting(replacement))
    case .max(let a, let b): .max(a.substituting(replacement), b.substituting(replacement))
    case .broadcast(let a, let b):
      .broadcast(a.substituting(replacement), b.substituting(replacement))
    }
  }
}
