/// The smallest parts of the textual IR.
enum Token: Hashable, CustomStringConvertible {
  /// Letters, digits, `_` and `.`, not starting with a digit: operators, attributes, types, keywords.
  case word(String)
  /// A `%` and a name.
  case value(String)
  /// An `@` and a name.
  case label(String)
  /// Digits without a sign.
  case integer(String)
  /// Digits with a point, an exponent or the suffix `f`, without a sign.
  case float(String)
  case string(String)
  case punctuation(Character)
  case end

  /// What messages call it.
  var description: String {
    switch self {
    case .word(let text): "'\(text)'"
    case .value(let name): "'%\(Spelling.name(name))'"
    case .label(let name): "'@\(Spelling.name(name))'"
    case .integer(let text), .float(let text): "'\(text)'"
    case .string(let text): Spelling.quoted(text)
    case .punctuation(let character): "'\(character)'"
    case .end: "end of text"
    }
  }
}
