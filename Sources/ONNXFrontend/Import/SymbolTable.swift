import Tensors

/// Gives every named dimension of a model one symbol, spelled so that text can carry it.
struct SymbolTable {
  private var byParameter: [String: IndexExpr] = [:]
  private var taken: Set<String> = []
  /// Symbols that the model's inputs bind; dimensions without them are known only while the model runs.
  private(set) var inputSymbols: Set<Symbol> = []

  /// The symbol of a `dim_param`.
  mutating func named(_ parameter: String) -> IndexExpr {
    if let known = byParameter[parameter] { return known }
    let symbol = fresh(parameter)
    byParameter[parameter] = symbol
    return symbol
  }

  /// A symbol that nothing else has, for a dimension without a name.
  mutating func fresh(_ wanted: String) -> IndexExpr {
    var spelled = String(
      wanted.unicodeScalars.map { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
          ? Character(scalar) : "_"
      })
    if spelled.first.map({ $0.isNumber }) ?? true { spelled = "d\(spelled)" }
    var unique = spelled
    var number = 1
    while !taken.insert(unique).inserted {
      unique = "\(spelled)_\(number)"
      number += 1
    }
    let symbol = Symbol(unique)
    inputSymbols.insert(symbol)
    return IndexExpr(symbol)
  }
}
