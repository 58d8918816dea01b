/// A protobuf message as a tree of fields, without any knowledge of its schema, so that it can be damaged in ways that
/// still parse.
///
/// Source: protobuf documentation, "Encoding".
struct WireTree: Sendable {
  enum Content: Sendable {
    case varint(UInt64)
    case fixed([UInt8])
    case bytes([UInt8])
    /// Bytes that also read as a message.
    case message(WireTree)
  }

  struct Field: Sendable {
    var number: UInt64
    var content: Content
  }

  var fields: [Field] = []

  /// Nil when the bytes are not a message.
  init?(_ bytes: ArraySlice<UInt8>, depth: Int = 0) {
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest), tag >> 3 > 0 else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = Self.varint(&rest) else { return nil }
        fields.append(Field(number: tag >> 3, content: .varint(value)))
      case 1, 5:
        let width = tag & 7 == 1 ? 8 : 4
        guard rest.count >= width else { return nil }
        fields.append(Field(number: tag >> 3, content: .fixed(Array(rest.prefix(width)))))
        rest = rest.dropFirst(width)
      case 2:
        guard let count = Self.varint(&rest), count <= rest.count else { return nil }
        let body = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        let inner = depth < 40 && !body.isEmpty ? WireTree(body, depth: depth + 1) : nil
        let content = inner.map(Content.message) ?? .bytes(Array(body))
        fields.append(Field(number: tag >> 3, content: content))
      default: return nil
      }
    }
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  /// The message again.
  var serialized: [UInt8] {
    var out: [UInt8] = []
    for field in fields {
      switch field.content {
      case .varint(let value):
        Self.append(field.number << 3, to: &out)
        Self.append(value, to: &out)
      case .fixed(let bytes):
        Self.append(field.number << 3 | (bytes.count == 8 ? 1 : 5), to: &out)
        out += bytes
      case .bytes(let bytes): Self.append(field.number, bytes, to: &out)
      case .message(let tree): Self.append(field.number, tree.serialized, to: &out)
      }
    }
    return out
  }

  private static func append(_ number: UInt64, _ bytes: [UInt8], to out: inout [UInt8]) {
    append(number << 3 | 2, to: &out)
    append(UInt64(bytes.count), to: &out)
    out += bytes
  }

  private static func append(_ value: UInt64, to out: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      out.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    out.append(UInt8(value))
  }

  /// How many fields there are, those of inner messages included.
  var totalCount: Int {
    fields.reduce(0) { sum, field in
      if case .message(let tree) = field.content { return sum + 1 + tree.totalCount }
      return sum + 1
    }
  }

  /// Hands the list that holds field number `index` of the whole tree, and its place there, to `edit`.
  mutating func edit(_ index: Int, _ edit: (inout [Field], Int) -> Void) {
    var position = index
    for place in fields.indices {
      if position == 0 {
        edit(&fields, place)
        return
      }
      position -= 1
      guard case .message(var tree) = fields[place].content else { continue }
      let count = tree.totalCount
      if position < count {
        tree.edit(position, edit)
        fields[place].content = .message(tree)
        return
      }
      position -= count
    }
  }
}
