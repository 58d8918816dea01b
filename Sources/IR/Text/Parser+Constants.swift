import Diagnostics
import Tensors

/// Where the text says that a constant's data is.
public enum ConstantReference: Sendable, Hashable, CustomStringConvertible {
  /// Data that the text only identifies.
  case hash(String)
  /// Raw bytes in a file, from an offset on.
  case file(String, offset: Int)

  /// The text's spelling.
  public var description: String {
    switch self {
    case .hash(let key): "hash(\(Spelling.quoted(key)))"
    case .file(let path, let offset): "file(\(Spelling.quoted(path)), \(offset))"
    }
  }
}

extension Parser {
  /// `f32[2, 2] [1.0, 2.0, 3.0, 4.0]`, `f32[] 1.0`, `f32[64] splat(0.5)`, `hash("...")`, `file("...", 0)` or
  /// `bytes("00ff")` behind the type.
  mutating func tensor() throws(Diagnostic) -> Tensor {
    let place = location
    let type = try tensorType()
    guard let shape = type.staticShape, shape.checkedElementCount != nil else {
      throw Diagnostic(
        "text.constant-shape", "constant of type \(type), expected dimensions that are numbers",
        at: place)
    }
    if token == .punctuation("[") {
      try advance()
      let items = try list(until: "]") { (parser) throws(Diagnostic) in try parser.element() }
      return try build(items, type.element, shape, at: place)
    }
    if case .word(let form) = token, ["splat", "hash", "file", "bytes"].contains(form) {
      try advance()
      try expect("(")
      let tensor = try tensor(form, type, shape, at: place)
      try expect(")")
      return tensor
    }
    return try build([try element()], type.element, shape, at: place)
  }

  private mutating func tensor(
    _ form: String, _ type: TensorType, _ shape: [Int], at place: Location
  ) throws(Diagnostic) -> Tensor {
    if form == "splat" {
      let count = shape.elementCount
      guard count <= 1 << 28 else {
        throw Diagnostic(
          "text.constant-shape", "splat of \(count) elements is too large", at: place)
      }
      let item = try element()
      return try build(Array(repeating: item, count: count), type.element, shape, at: place)
    }
    guard case .string(let text) = token else { throw unexpected("a string") }
    try advance()
    if form == "bytes" { return try Self.tensor(hex: text, type.element, shape, at: place) }
    var reference = ConstantReference.hash(text)
    if form == "file" {
      try expect(",")
      guard case .integer(let digits) = token, let offset = Int(digits) else {
        throw unexpected("an offset in bytes")
      }
      try advance()
      reference = .file(text, offset: offset)
    }
    do throws(Diagnostic) {
      let tensor = try data(reference, type)
      guard tensor.type == type.element, tensor.shape == shape else {
        throw Diagnostic(
          "text.data-type",
          "\(reference) holds \(tensor.type)\(tensor.shape), expected \(type)")
      }
      return tensor
    } catch {
      throw error.located(at: place)
    }
  }

  /// The spelling of one element with its sign; strings keep their text behind a quote.
  private mutating func element() throws(Diagnostic) -> String {
    let sign = try accept("-") ? "-" : ""
    switch token {
    case .integer(let text), .float(let text):
      try advance()
      return sign + text
    case .word(let text) where ["inf", "nan", "true", "false"].contains(text):
      try advance()
      return sign + text
    case .string(let text) where sign.isEmpty:
      try advance()
      return "\"" + text
    default: throw unexpected("an element of a constant")
    }
  }

  private func build(
    _ items: [String], _ element: ElementType, _ shape: [Int], at place: Location
  ) throws(Diagnostic) -> Tensor {
    guard items.count == shape.elementCount else {
      throw Diagnostic(
        "text.element-count",
        "found \(items.count) elements, expected \(shape.elementCount) for shape \(shape)",
        at: place)
    }
    let tensor: Tensor? =
      switch element {
      case .string:
        all(items) { $0.hasPrefix("\"") ? String($0.dropFirst()) : nil }.map {
          Tensor(strings: $0, shape: shape)
        }
      case .bool: all(items) { Bool($0) }.map { Tensor($0, shape: shape) }
      case .f32: all(items) { Float($0) }.map { Tensor($0, shape: shape) }
      case .u64: all(items) { UInt64($0) }.map { Tensor($0, shape: shape) }
      case .c64, .c128: nil
      default:
        element.isInteger
          ? all(items) { Int($0) }.map { Tensor(integers: $0, shape: shape, type: element) }
          : all(items) { Double($0) }.map { Tensor(doubles: $0, shape: shape, type: element) }
      }
    guard let tensor else {
      throw Diagnostic("text.element", "an element of a constant is no \(element)", at: place)
    }
    return tensor
  }

  private func all<T>(_ items: [String], _ convert: (String) -> T?) -> [T]? {
    var result: [T] = []
    result.reserveCapacity(items.count)
    for item in items {
      guard let value = convert(item) else { return nil }
      result.append(value)
    }
    return result
  }

  private static func tensor(
    hex: String, _ element: ElementType, _ shape: [Int], at place: Location
  ) throws(Diagnostic) -> Tensor {
    let digits = hex.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
    let expected = element.byteCount(of: shape.elementCount)
    guard element != .string, digits.count == 2 * expected, !digits.contains(nil) else {
      throw Diagnostic(
        "text.bytes",
        "found \(digits.count) characters, expected \(2 * expected) hexadecimal digits",
        at: place)
    }
    let nibbles = digits.compactMap { $0 }
    return unsafe Tensor(type: element, shape: shape) { target in
      for index in 0..<expected {
        unsafe target[index] = UInt8(nibbles[2 * index] << 4 | nibbles[2 * index + 1])
      }
    }
  }
}
