import Diagnostics

/// Cuts text into tokens, counting lines; blanks, line ends and `//` comments only separate.
struct Lexer {
  private let bytes: [UInt8]
  private var position = 0
  private let file: String
  /// The line of the token read last, counted from the first line of the file.
  private(set) var line: Int
  private var currentLine: Int

  init(_ text: some StringProtocol, file: String, firstLine: Int) {
    bytes = Array(text.utf8)
    self.file = file
    line = firstLine
    currentLine = firstLine
  }

  var location: Location { .line(file: file, line: line) }

  mutating func next() throws(Diagnostic) -> Token {
    skipBlanks()
    line = currentLine
    guard position < bytes.count else { return .end }
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "%"): return .value(try name())
    case UInt8(ascii: "@"): return .label(try name())
    case UInt8(ascii: "\""): return .string(try string())
    case _ where Spelling.isDigit(byte): return number()
    case _ where Spelling.isWordByte(byte): return .word(take(while: Spelling.isWordByte))
    default:
      guard byte < 0x80 else {
        throw Diagnostic("syntax.character", "found byte \(byte) outside a string", at: location)
      }
      position += 1
      return .punctuation(Character(Unicode.Scalar(byte)))
    }
  }

  private func peek(_ offset: Int = 0) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\n"):
        currentLine += 1
        position += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      default: return
      }
    }
  }

  private mutating func take(while isPart: (UInt8) -> Bool) -> String {
    let start = position
    while position < bytes.count, isPart(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func name() throws(Diagnostic) -> String {
    position += 1
    if peek() == UInt8(ascii: "\"") { return try string() }
    let name = take(while: Spelling.isNameByte)
    if name.isEmpty {
      throw Diagnostic("syntax.name", "a name is missing behind its sigil", at: location)
    }
    return name
  }

  private mutating func string() throws(Diagnostic) -> String {
    position += 1
    var content: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      var byte = bytes[position]
      if byte == UInt8(ascii: "\n") { break }
      if byte == UInt8(ascii: "\\"), position + 1 < bytes.count {
        position += 1
        byte = bytes[position]
        switch byte {
        case UInt8(ascii: "n"): byte = 10
        case UInt8(ascii: "r"): byte = 13
        case UInt8(ascii: "t"): byte = 9
        default: break
        }
      }
      content.append(byte)
      position += 1
    }
    guard peek() == UInt8(ascii: "\"") else {
      throw Diagnostic("syntax.string", "a string is not closed", at: location)
    }
    position += 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func number() -> Token {
    var text = take(while: Spelling.isDigit)
    var isFloat = false
    if peek() == UInt8(ascii: "."), Spelling.isDigit(peek(1)) {
      isFloat = true
      position += 1
      text += "." + take(while: Spelling.isDigit)
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let signed = peek(1) == UInt8(ascii: "-") || peek(1) == UInt8(ascii: "+")
      if Spelling.isDigit(peek(signed ? 2 : 1)) {
        isFloat = true
        text += "e" + (signed ? String(UnicodeScalar(peek(1))) : "")
        position += signed ? 2 : 1
        text += take(while: Spelling.isDigit)
      }
    }
    if peek() == UInt8(ascii: "f"), !Spelling.isWordByte(peek(1)) {
      isFloat = true
      text += "f"
      position += 1
    }
    return isFloat ? .float(text) : .integer(text)
  }
}
