extension IndexExpr {
  public static func + (a: IndexExpr, b: IndexExpr) -> IndexExpr {
    if a.terms.isEmpty { return IndexExpr(constant: a.constant &+ b.constant, terms: b.terms) }
    if b.terms.isEmpty { return IndexExpr(constant: a.constant &+ b.constant, terms: a.terms) }
    var merged: [Term] = []
    merged.reserveCapacity(a.terms.count + b.terms.count)
    var i = 0
    var j = 0
    while i < a.terms.count, j < b.terms.count {
      let order = compare(a.terms[i].factors, b.terms[j].factors)
      if order < 0 {
        merged.append(a.terms[i])
        i += 1
      } else if order > 0 {
        merged.append(b.terms[j])
        j += 1
      } else {
        let sum = a.terms[i].coefficient &+ b.terms[j].coefficient
        if sum != 0 { merged.append(Term(coefficient: sum, factors: a.terms[i].factors)) }
        i += 1
        j += 1
      }
    }
    merged.append(contentsOf: a.terms[i...])
    merged.append(contentsOf: b.terms[j...])
    let sum = IndexExpr(constant: a.constant &+ b.constant, terms: merged)
    return sum.rejoined ?? sum
  }

  /// The sum with a quotient and its remainder put together again: `c * d * floordiv(x, d) + c * mod(x, d)` is `c * x`.
  ///
  /// That is how a position taken apart and addressed in row-major order becomes linear again.
  private var rejoined: IndexExpr? {
    for (place, term) in terms.enumerated() {
      guard term.factors.count == 1, case .mod(let x, let d) = term.factors[0] else { continue }
      let whole = (IndexExpr(atom: .floorDiv(x, d)) * d).scaled(by: term.coefficient)
      guard whole.terms.count == 1, let partner = terms.firstIndex(of: whole.terms[0]) else {
        continue
      }
      let rest = terms.enumerated().filter { $0.offset != place && $0.offset != partner }
      return IndexExpr(constant: constant, terms: rest.map(\.element))
        + x.scaled(by: term.coefficient)
    }
    return nil
  }

  public static func * (a: IndexExpr, b: IndexExpr) -> IndexExpr {
    if let k = a.value { return b.scaled(by: k) }
    if let k = b.value { return a.scaled(by: k) }
    var sum = a.scaled(by: b.constant)
    for term in b.terms {
      var products: [Term] = []
      for other in a.terms {
        let factors = (other.factors + term.factors).sorted { compare([$0], [$1]) < 0 }
        products.append(Term(coefficient: other.coefficient &* term.coefficient, factors: factors))
      }
      if a.constant != 0 {
        products.append(Term(coefficient: a.constant &* term.coefficient, factors: term.factors))
      }
      for product in products {
        sum = sum + IndexExpr(constant: 0, terms: [product])
      }
    }
    return sum
  }

  public static func - (a: IndexExpr, b: IndexExpr) -> IndexExpr { a + b.scaled(by: -1) }
  public static prefix func - (a: IndexExpr) -> IndexExpr { a.scaled(by: -1) }
  public static func += (a: inout IndexExpr, b: IndexExpr) { a = a + b }
  public static func *= (a: inout IndexExpr, b: IndexExpr) { a = a * b }

  private func scaled(by factor: Int) -> IndexExpr {
    if factor == 1 { return self }
    if factor == 0 { return 0 }
    return IndexExpr(
      constant: constant &* factor,
      terms: terms.map { Term(coefficient: $0.coefficient &* factor, factors: $0.factors) })
  }

  /// The quotient rounded toward negative infinity.
  ///
  /// Parts that the divisor divides leave the quotient; the rest vanishes when its bounds lie in `0..<divisor`.
  public func floorDiv(_ divisor: IndexExpr) -> IndexExpr {
    if divisor == 1 { return self }
    if self == divisor { return 1 }
    guard let d = divisor.value, d > 0 else {
      if let a = value, let b = divisor.value, b != 0 { return IndexExpr(Self.floorDiv(a, b)) }
      if isConstant, constant == 0 { return 0 }
      return IndexExpr(atom: .floorDiv(self, divisor))
    }
    let (whole, rest) = split(by: d)
    if let range = rest.bounds, range.lowerBound >= 0, range.upperBound < d { return whole }
    if rest.isConstant { return whole + IndexExpr(Self.floorDiv(rest.constant, d)) }
    if let (count, unit, _) = rest.units(of: d) {
      return whole + count.floorDiv(IndexExpr(d / unit))
    }
    return whole + IndexExpr(atom: .floorDiv(rest, divisor))
  }

  /// The remainder of `floorDiv`, never negative for a positive divisor.
  public func mod(_ divisor: IndexExpr) -> IndexExpr {
    if divisor == 1 || self == divisor { return 0 }
    guard let d = divisor.value, d > 0 else {
      if let a = value, let b = divisor.value, b != 0 {
        return IndexExpr(a - b * Self.floorDiv(a, b))
      }
      return IndexExpr(atom: .mod(self, divisor))
    }
    let rest = split(by: d).rest
    if let range = rest.bounds, range.lowerBound >= 0, range.upperBound < d { return rest }
    if rest.isConstant { return IndexExpr(rest.constant - d * Self.floorDiv(rest.constant, d)) }
    if let (count, unit, inside) = rest.units(of: d) {
      return count.mod(IndexExpr(d / unit)) * IndexExpr(unit) + inside
    }
    return IndexExpr(atom: .mod(rest, divisor))
  }

  /// The quotient rounded toward positive infinity.
  public func ceilDiv(_ divisor: IndexExpr) -> IndexExpr {
    (self + divisor - 1).floorDiv(divisor)
  }

  public static func min(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr {
    if a == b { return a }
    let difference = a - b
    if let most = difference.upperBound, most <= 0 { return a }
    if let least = difference.lowerBound, least >= 0 { return b }
    return IndexExpr(atom: .min(a, b))
  }

  public static func max(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr {
    if a == b { return a }
    let difference = a - b
    if let most = difference.upperBound, most <= 0 { return b }
    if let least = difference.lowerBound, least >= 0 { return a }
    return IndexExpr(atom: .max(a, b))
  }

  /// The extent that two extents broadcast to: the other one where one is 1.
  ///
  /// Extents that fit are equal where neither is 1, so it does not matter which of them it is then.
  public static func broadcast(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr {
    var extents: [IndexExpr] = []
    for extent in a.broadcastExtents + b.broadcastExtents
    where extent != 1 && !extents.contains(extent) {
      if extent.isConstant { return extent }
      extents.append(extent)
    }
    extents.sort { compare($0, $1) < 0 }
    guard var result = extents.popLast() else { return 1 }
    for extent in extents.reversed() { result = IndexExpr(atom: .broadcast(extent, result)) }
    return result
  }

  /// The extents that a broadcast one is made of: itself where it is none.
  private var broadcastExtents: [IndexExpr] {
    guard constant == 0, terms.count == 1, terms[0].coefficient == 1, terms[0].factors.count == 1,
      case .broadcast(let a, let b) = terms[0].factors[0]
    else { return [self] }
    return a.broadcastExtents + b.broadcastExtents
  }

  static func floorDiv(_ a: Int, _ b: Int) -> Int {
    let q = a / b
    return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q
  }

  /// `self == count * unit + inside` for a unit that divides `d` and an `inside` in `0..<unit`; nil where there is none.
  private func units(of d: Int) -> (count: IndexExpr, unit: Int, inside: IndexExpr)? {
    for term in terms {
      let unit = Self.gcd(abs(term.coefficient), d)
      guard unit > 1, unit < d else { continue }
      let (count, inside) = split(by: unit)
      if let range = inside.bounds, range.lowerBound >= 0, range.upperBound < unit {
        return (count, unit, inside)
      }
    }
    return nil
  }

  private static func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }

  /// `self == whole * d + rest`, where `rest` holds what `d` does not divide, its constant in `0..<d`.
  private func split(by d: Int) -> (whole: IndexExpr, rest: IndexExpr) {
    var whole: [Term] = []
    var rest: [Term] = []
    for term in terms {
      if term.coefficient % d == 0 {
        whole.append(Term(coefficient: term.coefficient / d, factors: term.factors))
      } else {
        rest.append(term)
      }
    }
    let q = Self.floorDiv(constant, d)
    return (
      IndexExpr(constant: q, terms: whole), IndexExpr(constant: constant - q * d, terms: rest)
    )
  }
}

/// A total order on products, so that equal polynomials have equal normal forms.
private func compare(_ a: [IndexAtom], _ b: [IndexAtom]) -> Int {
  for (x, y) in zip(a, b) {
    let order = compare(x, y)
    if order != 0 { return order }
  }
  return a.count - b.count
}

private func compare(_ a: IndexAtom, _ b: IndexAtom) -> Int {
  switch (a, b) {
  case (.symbol(let x), .symbol(let y)):
    return x.name == y.name ? 0 : (x.name < y.name ? -1 : 1)
  case (.floorDiv(let p, let q), .floorDiv(let r, let s)), (.mod(let p, let q), .mod(let r, let s)),
    (.min(let p, let q), .min(let r, let s)), (.max(let p, let q), .max(let r, let s)),
    (.broadcast(let p, let q), .broadcast(let r, let s)):
    let order = compare(p, r)
    return order != 0 ? order : compare(q, s)
  default: return rank(a) - rank(b)
  }
}

private func compare(_ a: IndexExpr, _ b: IndexExpr) -> Int {
  for (x, y) in zip(a.terms, b.terms) {
    let order = compare(x.factors, y.factors)
    if order != 0 { return order }
    if x.coefficient != y.coefficient { return x.coefficient < y.coefficient ? -1 : 1 }
  }
  if a.terms.count != b.terms.count { return a.terms.count - b.terms.count }
  return a.constant == b.constant ? 0 : (a.constant < b.constant ? -1 : 1)
}

private func rank(_ atom: IndexAtom) -> Int {
  switch atom {
  case .symbol: 0
  case .floorDiv: 1
  case .mod: 2
  case .min: 3
  case .max: 4
  case .broadcast: 5
  }
}
