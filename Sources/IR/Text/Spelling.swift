import Tensors

/// How names, strings and numbers are spelled in the textual IR, so that they read back exactly.
enum Spelling {
  /// A value's or graph's name behind its sigil: bare where possible, in quotes otherwise.
  static func name(_ name: String) -> String {
    isBare(name) ? name : quoted(name)
  }

  /// Whether a name needs no quotes: letters, digits, `_`, `.`, `-` and `/`, and no comment in it.
  private static func isBare(_ name: String) -> Bool {
    if name.isEmpty { return false }
    var previous: UInt8 = 0
    for byte in name.utf8 {
      if !isNameByte(byte) || (byte == UInt8(ascii: "/") && previous == byte) { return false }
      previous = byte
    }
    return true
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    isWordByte(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
  }

  /// Letters, digits, `_` and `.`: what operators, attributes and symbols are made of.
  static func isWordByte(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || isDigit(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// A string in double quotes; quotes, backslashes, line ends and tabs are escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }

  /// The shortest decimal that reads back as the same double; a value that is a single gets the shortest
  /// decimal of that single and the suffix `f` where this differs.
  static func float(_ value: Double) -> String {
    let long = value.description
    let single = Float(value)
    guard value.isFinite, Double(single) == value else { return long }
    let short = single.description
    return short == long ? long : short + "f"
  }
}
