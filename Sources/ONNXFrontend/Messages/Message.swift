import COnnx

/// Keeps a parsed message and all that is reached from it alive; tensors borrow their bytes from it.
final class MessageRoot: @unchecked Sendable {
  let handle: OpaquePointer

  /// Parses bytes; nil when they are not a message of this kind.
  init?(parsing bytes: UnsafeRawBufferPointer, as kind: conn_kind) {
    guard let handle = conn_parse(kind, bytes.baseAddress, bytes.count) else { return nil }
    self.handle = handle
  }

  /// An empty message.
  init?(empty kind: conn_kind) {
    guard let handle = conn_new(kind) else { return nil }
    self.handle = handle
  }

  deinit { conn_free(handle) }

  var message: Message { Message(handle: handle, root: self) }
}

/// A read-only view of a protobuf message; fields are named by their numbers in `onnx.proto`.
struct Message: @unchecked Sendable {
  let handle: OpaquePointer
  let root: MessageRoot

  func count(_ field: Int32) -> Int { conn_count(handle, field) }
  func has(_ field: Int32) -> Bool { conn_count(handle, field) > 0 }

  func child(_ field: Int32, _ index: Int = 0) -> Message? {
    conn_child(handle, field, index).map { Message(handle: $0, root: root) }
  }

  func children(_ field: Int32) -> [Message] {
    (0..<count(field)).compactMap { child(field, $0) }
  }

  /// The bytes of a string or bytes field, valid as long as `root`.
  func bytes(_ field: Int32, _ index: Int = 0) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(conn_string(handle, field, index))
  }

  /// Text; what is not UTF-8 is repaired.
  func string(_ field: Int32, _ index: Int = 0) -> String {
    String(decoding: bytes(field, index), as: UTF8.self)
  }

  func strings(_ field: Int32) -> [String] {
    (0..<count(field)).map { string(field, $0) }
  }

  func integer(_ field: Int32) -> Int { Int(conn_integer(handle, field, 0)) }
  func real(_ field: Int32) -> Double { conn_real(handle, field, 0) }

  /// The elements of a repeated numeric field, valid as long as `root`.
  ///
  /// - Precondition: the file format declares the field with the C type of `T`.
  func elements<T: BitwiseCopyable>(_ field: Int32, of: T.Type) -> UnsafeBufferPointer<T> {
    let found = conn_elements(handle, field)
    return UnsafeBufferPointer(
      start: found.data?.assumingMemoryBound(to: T.self), count: found.data == nil ? 0 : found.count
    )
  }

  func integers(_ field: Int32) -> [Int] { elements(field, of: Int64.self).map { Int($0) } }
}

extension UnsafeRawBufferPointer {
  fileprivate init(_ view: conn_bytes) {
    self.init(start: view.data, count: view.data == nil ? 0 : view.count)
  }
}
