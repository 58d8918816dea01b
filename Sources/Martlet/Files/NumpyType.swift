import Diagnostics
import Tensors

/// What the `descr` of a numpy array says about its elements.
///
/// Source: numpy's array interface, `typestr`: byte order, kind, bytes per element.
struct NumpyType {
  enum Element {
    case number(ElementType)
    /// Two raw bytes: how numpy stores bfloat16, whose name it does not know.
    case raw16
    /// UTF-32 in a fixed number of characters, padded with zeros.
    case text(characters: Int)
  }

  let element: Element
  let isBigEndian: Bool

  /// - Throws: `numpy.type` for element types that tensors do not have.
  init(_ descriptor: String, file: String) throws(Diagnostic) {
    let order = descriptor.first ?? " "
    let kind = descriptor.dropFirst().prefix(1)
    let width = Int(descriptor.dropFirst(2)) ?? 0
    isBigEndian = order == ">"
    guard "<>|=".contains(order), let element = Self.element(String(kind), width) else {
      throw Diagnostic(
        "numpy.type", "elements of type '\(descriptor)' are not supported", at: .file(file))
    }
    self.element = element
  }

  private static func element(_ kind: String, _ width: Int) -> Element? {
    switch (kind, width) {
    case ("U", 1...): .text(characters: width)
    case ("V", 2): .raw16
    default: numbers[kind + "\(width)"].map { .number($0) }
    }
  }

  private static let numbers: [String: ElementType] = [
    "b1": .bool, "i1": .i8, "i2": .i16, "i4": .i32, "i8": .i64, "u1": .u8, "u2": .u16,
    "u4": .u32, "u8": .u64, "f2": .f16, "f4": .f32, "f8": .f64, "c8": .c64, "c16": .c128,
  ]

  /// The descriptor of an element type that numpy stores as it is; nil for packed and small types.
  static func descriptor(of type: ElementType) -> String? {
    if type == .bf16 { return "<V2" }
    guard let name = numbers.first(where: { $0.value == type })?.key else { return nil }
    return (name.hasSuffix("1") ? "|" : "<") + name
  }

  /// Bytes of one element.
  var byteCount: Int {
    switch element {
    case .number(let type): type.bitWidth / 8
    case .raw16: 2
    case .text(let characters): 4 * characters
    }
  }

  /// Bytes that change places when the byte order does: half an element for complex numbers.
  var wordByteCount: Int {
    switch element {
    case .number(.c64): 4
    case .number(.c128): 8
    case .text: 4
    default: byteCount
    }
  }
}
