import COnnx
package import Diagnostics
package import IR
package import Tensors

/// Files that hold one value: `TensorProto`, `SequenceProto` or `OptionalProto`, as the standard's test data does.
package enum ValueFile {
  /// Reads a value; which message the file holds follows from the type, a tensor where none is given.
  ///
  /// - Throws: `file.unreadable`, `file.not-a-value` and what decoding a tensor throws.
  package static func read(at path: String, as type: ValueType? = nil) throws(Diagnostic) -> Value {
    let file = try MappedFile(path)
    let kind: conn_kind
    switch type {
    case .sequence: kind = CONN_SEQUENCE
    case .optional: kind = CONN_OPTIONAL
    default: kind = CONN_TENSOR
    }
    guard let root = MessageRoot(parsing: file.bytes, as: kind) else {
      throw Diagnostic(
        "file.not-a-value",
        "'\(path)' does not hold a value of type \(type?.description ?? "tensor")",
        at: .file(path))
    }
    do throws(Diagnostic) {
      switch kind {
      case CONN_SEQUENCE: return try sequence(root.message)
      case CONN_OPTIONAL: return try optional(root.message)
      default: return try tensor(root.message)
      }
    } catch {
      throw error.located(at: .file(path))
    }
  }

  /// Writes a tensor.
  ///
  /// - Throws: `file.unwritable`, `export.failed`.
  package static func write(_ tensor: Tensor, to path: String) throws(Diagnostic) {
    let message = try MessageBuilder(CONN_TENSOR)
    try TensorEncoder().encode(tensor, name: "", into: message)
    let file = try OutputFile(path)
    try message.write(to: file.descriptor)
    try file.finish()
  }

  private static func tensor(_ message: Message) throws(Diagnostic) -> Value {
    let source = TensorMessage(message: message)
    let decoder = TensorDecoder(externalData: ExternalData(folder: nil))
    return .tensor(try decoder.decode(source, name: source.name))
  }

  /// `SequenceProto`; the element type says which of its fields counts.
  private static func sequence(_ message: Message) throws(Diagnostic) -> Value {
    var values: [Value] = []
    for child in message.children(3) { values.append(try tensor(child)) }
    for child in message.children(5) { values.append(try sequence(child)) }
    for child in message.children(7) { values.append(try optional(child)) }
    return .sequence(values)
  }

  private static func optional(_ message: Message) throws(Diagnostic) -> Value {
    if let child = message.child(3) { return .optional(try tensor(child)) }
    if let child = message.child(5) { return .optional(try sequence(child)) }
    if let child = message.child(7) { return .optional(try optional(child)) }
    return .optional(nil)
  }
}
