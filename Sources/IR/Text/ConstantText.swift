import Tensors

extension ConstantStyle {
  /// Tensors up to this many elements are written out.
  private var literalLimit: Int {
    switch self {
    case .listing: 16
    case .complete: .max
    case .external: 64
    }
  }

  /// What stands behind a constant's type.
  func text(of tensor: Tensor) -> String {
    if let value = ConstantText.splat(tensor) { return "splat(\(value))" }
    if tensor.elementCount <= literalLimit { return ConstantText.literal(tensor) }
    return switch self {
    case .complete: ConstantText.literal(tensor)
    case .listing where tensor.type == .string: ConstantText.literal(tensor)
    case .listing: "hash(\"\(tensor.contentHash)\")"
    case .external where tensor.type == .string: ConstantText.literal(tensor)
    case .external(let place): place(tensor) ?? ConstantText.literal(tensor)
    }
  }
}

/// Spells the elements of tensors.
enum ConstantText {
  /// The elements in row-major order in brackets; a scalar without them; complex numbers as bytes.
  static func literal(_ tensor: Tensor) -> String {
    guard let elements = elements(tensor) else { return bytes(tensor) }
    if tensor.rank == 0, let only = elements.first { return only }
    return "[\(elements.joined(separator: ", "))]"
  }

  /// The spelling of the one value that all elements have; nil below two elements or where they differ.
  static func splat(_ tensor: Tensor) -> String? {
    let count = tensor.elementCount
    guard count > 1 else { return nil }
    if tensor.type == .string {
      let first = tensor.strings[0]
      return tensor.strings.allSatisfy { $0 == first } ? Spelling.quoted(first) : nil
    }
    if tensor.type.bitWidth < 8 {
      let codes = tensor.codes
      guard codes.allSatisfy({ $0 == codes[0] }) else { return nil }
      let one = Tensor(codes: [codes[0]], shape: [], type: tensor.type)
      return elements(one)?.first
    }
    let width = tensor.type.bitWidth / 8
    let repeats = unsafe tensor.withBytes { raw in
      (width..<raw.count).allSatisfy { unsafe raw[$0] == raw[$0 - width] }
    }
    guard repeats else { return nil }
    let one = unsafe tensor.withBytes { raw in
      unsafe Tensor(type: tensor.type, shape: []) { target in
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[0..<width]))
      }
    }
    return elements(one)?.first
  }

  /// One spelling per element; nil for types that are written as bytes.
  private static func elements(_ tensor: Tensor) -> [String]? {
    switch tensor.type {
    case .f32: tensor.array(of: Float.self).map(spelling)
    case .f64: tensor.array(of: Double.self).map(spelling)
    case .f16: tensor.array(of: Float16.self).map(spelling)
    case .bf16: tensor.array(of: BFloat16.self).map { spelling($0.float) }
    case .u64: tensor.array(of: UInt64.self).map(\.description)
    case .bool: tensor.array(of: Bool.self).map { $0 ? "true" : "false" }
    case .string: tensor.strings.map(Spelling.quoted)
    case .c64, .c128: nil
    default:
      tensor.type.isSmallFloat
        ? tensor.doubles.map(\.description) : (tensor.integers ?? []).map(String.init)
    }
  }

  /// The shortest decimal that reads back; every NaN is `nan`.
  private static func spelling<F: BinaryFloatingPoint & CustomStringConvertible>(_ value: F)
    -> String
  {
    value.isNaN ? "nan" : value.description
  }

  private static func bytes(_ tensor: Tensor) -> String {
    let digits = Array("0123456789abcdef")
    let text = unsafe tensor.withBytes { raw in
      var text = ""
      for index in 0..<raw.count {
        let byte = unsafe raw[index]
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
      return text
    }
    return "bytes(\"\(text)\")"
  }
}

extension Tensor {
  /// Sixteen hexadecimal digits that depend on type, shape and bytes (FNV-1a over 64-bit words).
  package var contentHash: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt64) {
      hash = (hash ^ word) &* 0x100_0000_01b3
      hash ^= hash >> 29
    }
    mix(UInt64(type.rawValue))
    for dimension in shape { mix(UInt64(bitPattern: Int64(dimension))) }
    for string in strings {
      for byte in string.utf8 { mix(UInt64(byte)) }
      mix(0x100)
    }
    unsafe withBytes { raw in
      var offset = 0
      while offset + 8 <= raw.count {
        mix(UInt64(littleEndian: unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        offset += 8
      }
      while offset < raw.count {
        mix(UInt64(unsafe raw[offset]))
        offset += 1
      }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
