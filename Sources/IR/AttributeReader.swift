public import Diagnostics
public import Tensors

/// Hands an operator its attributes one by one, with defaults, and remembers which were never asked for.
public struct AttributeReader {
  /// The operator's opset version that the file declares (its meaning has been upgraded to the newest where
  /// versions differ in form).
  public let opset: Int
  /// How many outputs the node lists, unused trailing ones left out.
  public let outputCount: Int
  public let inputCount: Int
  private let attributes: Attributes
  private var unread: Set<String>

  public init(_ attributes: Attributes, opset: Int, inputCount: Int, outputCount: Int) {
    self.attributes = attributes
    self.opset = opset
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.unread = Set(attributes.names)
  }

  private mutating func take(_ name: String) -> Attribute? {
    unread.remove(name)
    return attributes[name]
  }

  public func has(_ name: String) -> Bool { attributes[name] != nil }

  /// Accepts an attribute that has no effect here.
  public mutating func ignore(_ names: String...) {
    for name in names { unread.remove(name) }
  }

  private func mismatch(_ name: String, _ found: Attribute, _ expected: String) -> Diagnostic {
    Diagnostic(
      "attribute.type", "attribute '\(name)' is of kind \(found.kind), expected \(expected)")
  }

  public mutating func optionalInt(_ name: String) throws(Diagnostic) -> Int? {
    guard let found = take(name) else { return nil }
    guard case .int(let value) = found else { throw mismatch(name, found, "int") }
    return value
  }

  public mutating func int(_ name: String, default standard: Int) throws(Diagnostic) -> Int {
    try optionalInt(name) ?? standard
  }

  public mutating func flag(_ name: String, default standard: Bool = false) throws(Diagnostic)
    -> Bool
  {
    try optionalInt(name).map { $0 != 0 } ?? standard
  }

  public mutating func requiredInt(_ name: String) throws(Diagnostic) -> Int {
    guard let value = try optionalInt(name) else { throw missing(name) }
    return value
  }

  public mutating func optionalFloat(_ name: String) throws(Diagnostic) -> Double? {
    guard let found = take(name) else { return nil }
    guard case .float(let value) = found else { throw mismatch(name, found, "float") }
    return value
  }

  public mutating func float(_ name: String, default standard: Double) throws(Diagnostic) -> Double
  {
    try optionalFloat(name) ?? standard
  }

  public mutating func optionalString(
    _ name: String, oneOf choices: [String]? = nil
  ) throws(Diagnostic) -> String? {
    guard let found = take(name) else { return nil }
    guard case .string(let value) = found else { throw mismatch(name, found, "string") }
    if let choices, !choices.contains(value) {
      throw Diagnostic(
        "attribute.value",
        "attribute '\(name)' is '\(value)', expected one of \(choices.joined(separator: ", "))")
    }
    return value
  }

  public mutating func string(
    _ name: String, default standard: String, oneOf choices: [String]? = nil
  ) throws(Diagnostic) -> String {
    try optionalString(name, oneOf: choices) ?? standard
  }

  public mutating func ints(_ name: String) throws(Diagnostic) -> [Int]? {
    guard let found = take(name) else { return nil }
    guard case .ints(let value) = found else { throw mismatch(name, found, "ints") }
    return value
  }

  public mutating func floats(_ name: String) throws(Diagnostic) -> [Double]? {
    guard let found = take(name) else { return nil }
    guard case .floats(let value) = found else { throw mismatch(name, found, "floats") }
    return value
  }

  public mutating func strings(_ name: String) throws(Diagnostic) -> [String]? {
    guard let found = take(name) else { return nil }
    guard case .strings(let value) = found else { throw mismatch(name, found, "strings") }
    return value
  }

  public mutating func tensor(_ name: String) throws(Diagnostic) -> Tensor? {
    guard let found = take(name) else { return nil }
    guard case .tensor(let value) = found else { throw mismatch(name, found, "tensor") }
    return value
  }

  public mutating func graph(_ name: String) throws(Diagnostic) -> Graph? {
    guard let found = take(name) else { return nil }
    guard case .graph(let value) = found else { throw mismatch(name, found, "graph") }
    return value
  }

  /// The element type that an int attribute names by its `TensorProto.DataType` number.
  public mutating func elementType(_ name: String) throws(Diagnostic) -> ElementType? {
    guard let number = try optionalInt(name) else { return nil }
    guard let type = ElementType(rawValue: Int32(clamping: number)) else {
      throw Diagnostic(
        "attribute.element-type", "attribute '\(name)' is \(number), expected a tensor data type")
    }
    return type
  }

  public mutating func valueType(_ name: String) throws(Diagnostic) -> ValueType? {
    guard let found = take(name) else { return nil }
    guard case .type(let value) = found else { throw mismatch(name, found, "type") }
    return value
  }

  public func missing(_ name: String) -> Diagnostic {
    Diagnostic("attribute.missing", "attribute '\(name)' is missing")
  }

  /// - Throws: `attribute.unknown` when the node carries an attribute that the operator does not have.
  public func finish() throws(Diagnostic) {
    guard let name = unread.sorted().first else { return }
    throw Diagnostic("attribute.unknown", "attribute '\(name)' is not one of this operator's")
  }
}
