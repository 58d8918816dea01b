import Diagnostics
import Tensors

extension Parser {
  /// `f32[N, 3]`, `f32[*]`, `seq(type)`, `optional(type)` or `map(i64, type)`.
  mutating func type() throws(Diagnostic) -> ValueType {
    guard case .word(let word) = token else { throw unexpected("a type") }
    switch word {
    case "seq", "optional":
      try advance()
      try expect("(")
      let element = try type()
      try expect(")")
      return word == "seq" ? .sequence(element) : .optional(element)
    case "map":
      try advance()
      try expect("(")
      let key = try elementType()
      try expect(",")
      let value = try type()
      try expect(")")
      return .map(key: key, value: value)
    default:
      return .tensor(try tensorType())
    }
  }

  private mutating func elementType() throws(Diagnostic) -> ElementType {
    guard case .word(let word) = token, let element = ElementType(name: word) else {
      throw unexpected("an element type")
    }
    try advance()
    return element
  }

  mutating func tensorType() throws(Diagnostic) -> TensorType {
    let element = try elementType()
    try expect("[")
    if try accept("*") {
      try expect("]")
      return TensorType(element, nil)
    }
    let shape = try list(until: "]") { (parser) throws(Diagnostic) in try parser.index() }
    return TensorType(element, shape)
  }

  /// Terms joined by `+` and `-`: what `IndexExpr.description` writes.
  mutating func index() throws(Diagnostic) -> IndexExpr {
    var sum = try accept("-") ? -(try product()) : try product()
    while true {
      if try accept("+") {
        sum += try product()
      } else if try accept("-") {
        sum = sum - (try product())
      } else {
        return sum
      }
    }
  }

  private mutating func product() throws(Diagnostic) -> IndexExpr {
    var product = try factor()
    while try accept("*") { product *= try factor() }
    return product
  }

  private mutating func factor() throws(Diagnostic) -> IndexExpr {
    switch token {
    case .integer(let text):
      guard let value = Int(text) else { throw unexpected("an integer of 64 bits") }
      try advance()
      return IndexExpr(value)
    case .string(let name):
      try advance()
      return .symbol(name)
    case .word(let name):
      try advance()
      guard try accept("(") else { return .symbol(name) }
      let operands = try list(until: ")") { (parser) throws(Diagnostic) in try parser.index() }
      guard operands.count == 2 else { throw unexpected("two operands of '\(name)'") }
      switch name {
      case "floordiv": return operands[0].floorDiv(operands[1])
      case "mod": return operands[0].mod(operands[1])
      case "min": return .min(operands[0], operands[1])
      case "max": return .max(operands[0], operands[1])
      case "broadcast": return .broadcast(operands[0], operands[1])
      default: throw unexpected("floordiv, mod, min, max or broadcast before '('")
      }
    default: throw unexpected("a dimension")
    }
  }
}
