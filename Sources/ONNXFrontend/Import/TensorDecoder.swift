import Diagnostics
import Glibc
import Tensors

/// Turns `TensorProto` messages into tensors that borrow the bytes of the message or of a mapped file where they can.
struct TensorDecoder {
  let externalData: ExternalData

  /// - Parameter name: what messages call the tensor.
  /// - Throws: `tensor.*` and `external-data.*` diagnostics.
  func decode(_ source: TensorMessage, name: String) throws(Diagnostic) -> Tensor {
    let type = try elementType(source.elementTypeNumber, name)
    let shape = source.dimensions
    let byteCount = try ShapeLimits.byteCount(type, shape, "tensor '\(name)'")
    if source.isSegmented {
      throw .unsupported("tensor.segmented", "tensor '\(name)' is stored in segments")
    }
    let tensor: Tensor
    if source.isExternal {
      if type == .string {
        throw Diagnostic(
          "tensor.external-strings", "tensor '\(name)' keeps strings outside the file")
      }
      let (bytes, owner) = try externalData.bytes(of: source, byteCount: byteCount, name)
      tensor = borrow(type, shape, bytes, owner: owner)
    } else if type == .string {
      try checkCount(source.stringCount, shape.elementCount, "strings", type, shape, name)
      tensor = Tensor(strings: source.strings, shape: shape)
    } else if source.hasRawData {
      try checkCount(source.rawData.count, byteCount, "bytes", type, shape, name)
      tensor = borrow(type, shape, source.rawData, owner: source.message.root)
    } else {
      tensor = try typed(source, type, shape, name)
    }
    return tensor.type == .bool ? sanitized(tensor) : tensor
  }

  private func elementType(_ number: Int, _ name: String) throws(Diagnostic) -> ElementType {
    if let type = Int32(exactly: number).flatMap(ElementType.init(rawValue:)) { return type }
    throw Diagnostic(
      "tensor.element-type",
      "tensor '\(name)' has element type \(number), expected one of 1 to \(ElementType.allCases.count)"
    )
  }

  private func checkCount(
    _ found: Int, _ expected: Int, _ unit: String, _ type: ElementType, _ shape: [Int],
    _ name: String
  ) throws(Diagnostic) {
    if found != expected {
      throw Diagnostic(
        "tensor.data-count",
        "tensor '\(name)' holds \(found) \(unit), expected \(expected) for \(type)\(shape)")
    }
  }

  private func borrow(
    _ type: ElementType, _ shape: [Int], _ bytes: UnsafeRawBufferPointer, owner: AnyObject
  ) -> Tensor {
    let alignment = max(type.bitWidth / 8, 1)
    if let start = bytes.baseAddress, Int(bitPattern: start) % alignment != 0 {
      return Tensor(type: type, shape: shape) { $0.copyMemory(from: bytes) }
    }
    return Tensor(
      type: type, shape: shape, storage: TensorStorage(borrowing: bytes, owner: owner))
  }

  /// Elements that lie in the field for their type instead of `raw_data`.
  private func typed(
    _ source: TensorMessage, _ type: ElementType, _ shape: [Int], _ name: String
  ) throws(Diagnostic) -> Tensor {
    let count = shape.elementCount
    func whole<T>(_ field: UnsafeBufferPointer<T>, _ perElement: Int = 1) throws(Diagnostic)
      -> Tensor
    {
      try checkCount(field.count, count * perElement, "elements", type, shape, name)
      return borrow(type, shape, UnsafeRawBufferPointer(field), owner: source.message.root)
    }
    func narrowed<T: BitwiseCopyable, U: FixedWidthInteger & BitwiseCopyable>(
      _ field: UnsafeBufferPointer<T>, to: U.Type, expected: Int
    ) throws(Diagnostic) -> Tensor where T: FixedWidthInteger {
      try checkCount(field.count, expected, "elements", type, shape, name)
      return Tensor(type: type, shape: shape) { memory in
        let target = memory.bindMemory(to: U.self)
        for index in field.indices { target[index] = U(truncatingIfNeeded: field[index]) }
      }
    }
    switch type {
    case .f32: return try whole(source.floats)
    case .c64: return try whole(source.floats, 2)
    case .f64: return try whole(source.doubles)
    case .c128: return try whole(source.doubles, 2)
    case .i32: return try whole(source.int32s)
    case .i64: return try whole(source.int64s)
    case .u64: return try whole(source.uint64s)
    case .u32: return try narrowed(source.uint64s, to: UInt32.self, expected: count)
    case .i16, .u16, .f16, .bf16:
      return try narrowed(source.int32s, to: UInt16.self, expected: count)
    default:
      return try narrowed(source.int32s, to: UInt8.self, expected: type.byteCount(of: count))
    }
  }

  /// Booleans may hold nothing but 0 and 1 in memory; files may hold anything.
  private func sanitized(_ tensor: Tensor) -> Tensor {
    tensor.withBytes { bytes in
      if bytes.allSatisfy({ $0 <= 1 }) { return tensor }
      return Tensor(type: .bool, shape: tensor.shape) { memory in
        for index in bytes.indices { memory[index] = bytes[index] == 0 ? 0 : 1 }
      }
    }
  }
}
