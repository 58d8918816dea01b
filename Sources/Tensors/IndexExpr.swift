/// A named integer whose value is known later: a symbolic dimension, a loop variable, a kernel parameter.
///
/// Symbols are equal when their names are; the bounds are what is known about the value and let
/// divisions and remainders fold.
public struct Symbol: Hashable, Sendable, CustomStringConvertible {
  public let name: String
  /// The least value, inclusive.
  public let minimum: Int
  /// The greatest value, inclusive; nil when unbounded.
  public let maximum: Int?

  public init(_ name: String, minimum: Int = 0, maximum: Int? = nil) {
    self.name = name
    self.minimum = minimum
    self.maximum = maximum
  }

  public static func == (a: Symbol, b: Symbol) -> Bool { a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
  public var description: String { name }

  /// The name as text spells it: in quotes unless it is letters, digits, `_` and `.` and starts with no digit.
  public var quotedName: String {
    let plain = name.utf8.allSatisfy {
      ($0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z"))
        || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: ".")
    }
    if plain, let first = name.utf8.first, !(first >= 0x2E && first <= 0x39) { return name }
    return "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}

/// What an index expression is built from, besides sums and integer factors.
public indirect enum IndexAtom: Hashable, Sendable {
  case symbol(Symbol)
  /// Quotient rounded toward negative infinity.
  case floorDiv(IndexExpr, IndexExpr)
  /// Remainder with the sign of the divisor.
  case mod(IndexExpr, IndexExpr)
  case min(IndexExpr, IndexExpr)
  case max(IndexExpr, IndexExpr)
  /// What two extents broadcast to: the second where the first is 1, else the first.
  case broadcast(IndexExpr, IndexExpr)
}

/// An integer polynomial over symbols, quotients, remainders, minima, maxima and broadcast extents, kept in one normal
/// form.
///
/// It is the one language for symbolic dimensions, loop bounds, positions and strides: two expressions
/// that are equal as polynomials are equal as values.
public struct IndexExpr: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// A product of atoms with an integer coefficient; atoms are sorted.
  public struct Term: Hashable, Sendable {
    public let coefficient: Int
    public let factors: [IndexAtom]
  }

  public let constant: Int
  /// Sorted by factors; no coefficient is zero.
  public let terms: [Term]

  public init(constant: Int, terms: [Term]) {
    self.constant = constant
    self.terms = terms
  }

  public init(_ constant: Int) { self.init(constant: constant, terms: []) }
  public init(integerLiteral value: Int) { self.init(value) }
  public init(_ symbol: Symbol) { self.init(atom: .symbol(symbol)) }

  /// A symbol with nothing known about its value but that it is not negative.
  public static func symbol(_ name: String) -> IndexExpr { IndexExpr(Symbol(name)) }

  public init(atom: IndexAtom) {
    self.init(constant: 0, terms: [Term(coefficient: 1, factors: [atom])])
  }

  /// The value, when no symbol is involved.
  @inlinable public var value: Int? { terms.isEmpty ? constant : nil }

  public var isConstant: Bool { terms.isEmpty }

  /// The symbol, when the expression is nothing but one.
  public var asSymbol: Symbol? {
    guard constant == 0, terms.count == 1, terms[0].coefficient == 1, terms[0].factors.count == 1,
      case .symbol(let symbol) = terms[0].factors[0]
    else { return nil }
    return symbol
  }
}
