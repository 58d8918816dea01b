import Diagnostics

extension Parser {
  /// `name = value` pairs; the opening brace has been read.
  mutating func attributes() throws(Diagnostic) -> Attributes {
    let entries = try list(until: "}") { (parser) throws(Diagnostic) in try parser.attribute() }
    var attributes = Attributes()
    for (name, value) in entries {
      if attributes[name] != nil {
        throw Diagnostic(
          "text.duplicate-attribute", "attribute '\(name)' is given twice", at: location)
      }
      attributes[name] = value
    }
    return attributes
  }

  private mutating func attribute() throws(Diagnostic) -> (String, Attribute) {
    guard case .word(let name) = token else { throw unexpected("an attribute's name") }
    try advance()
    try expect("=")
    return (name, try attributeValue())
  }

  private mutating func attributeValue() throws(Diagnostic) -> Attribute {
    switch token {
    case .string(let text):
      try advance()
      return .string(text)
    case .word("graph"):
      return .graph(try graph())
    case .word("tensor"):
      try advance()
      return .tensor(try tensor())
    case .word("type"):
      try advance()
      return .type(try type())
    case .word("floats"):
      try advance()
      try expect("[")
      try expect("]")
      return .floats([])
    case .word("strings"):
      try advance()
      try expect("[")
      try expect("]")
      return .strings([])
    case .punctuation("["):
      try advance()
      let items = try list(until: "]") { (parser) throws(Diagnostic) in try parser.listItem() }
      return try listAttribute(items)
    default:
      return try listItem()
    }
  }

  /// A number or a string.
  private mutating func listItem() throws(Diagnostic) -> Attribute {
    if case .string(let text) = token {
      try advance()
      return .string(text)
    }
    let isNegative = try accept("-")
    switch token {
    case .integer(let text):
      guard let value = Int((isNegative ? "-" : "") + text) else {
        throw unexpected("an integer of 64 bits")
      }
      try advance()
      return .int(value)
    default:
      let value = try unsignedDouble()
      return .float(isNegative ? -value : value)
    }
  }

  /// A float as `Spelling.float` writes it, without its sign.
  mutating func unsignedDouble() throws(Diagnostic) -> Double {
    switch token {
    case .float(let text):
      let value = text.hasSuffix("f") ? Float(text.dropLast()).map(Double.init) : Double(text)
      guard let value else { throw unexpected("a number") }
      try advance()
      return value
    case .word("inf"):
      try advance()
      return .infinity
    case .word("nan"):
      try advance()
      return .nan
    default: throw unexpected("a number")
    }
  }

  private func listAttribute(_ items: [Attribute]) throws(Diagnostic) -> Attribute {
    var ints: [Int] = []
    var floats: [Double] = []
    var strings: [String] = []
    for item in items {
      switch item {
      case .int(let value): ints.append(value)
      case .float(let value): floats.append(value)
      case .string(let value): strings.append(value)
      default: continue
      }
    }
    if ints.count == items.count { return .ints(ints) }
    if floats.count == items.count { return .floats(floats) }
    if strings.count == items.count { return .strings(strings) }
    throw Diagnostic(
      "text.mixed-list", "the elements of a list are of different kinds", at: location)
  }
}
