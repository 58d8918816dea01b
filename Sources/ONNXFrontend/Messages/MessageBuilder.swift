package import COnnx
package import Diagnostics

/// A message that is being written; fields are named by their numbers in `onnx.proto`.
package struct MessageBuilder {
  let handle: OpaquePointer
  let state: State

  /// The root, and whether anything could not be stored.
  final class State {
    let root: MessageRoot
    var hasFailed = false

    init(root: MessageRoot) { self.root = root }
  }

  /// Starts a message.
  package init(_ kind: conn_kind) throws(Diagnostic) {
    guard let root = MessageRoot(empty: kind) else { throw Self.failure }
    handle = root.handle
    state = State(root: root)
  }

  private init(handle: OpaquePointer, state: State) {
    self.handle = handle
    self.state = state
  }

  /// Adds a message to a repeated field, or makes a singular one present.
  package func add(_ field: Int32) -> MessageBuilder {
    guard let child = conn_add_child(handle, field) else {
      state.hasFailed = true
      return self
    }
    return MessageBuilder(handle: child, state: state)
  }

  package func add(_ field: Int32, _ value: Int) {
    note(conn_add_integer(handle, field, Int64(value)))
  }

  package func add(_ field: Int32, _ value: Double) {
    note(conn_add_real(handle, field, value))
  }

  package func add(_ field: Int32, _ text: String) {
    var text = text
    text.withUTF8 { note(conn_add_string(handle, field, $0.baseAddress, $0.count)) }
  }

  package func add(_ field: Int32, _ bytes: UnsafeRawBufferPointer) {
    note(conn_add_string(handle, field, bytes.baseAddress, bytes.count))
  }

  private func note(_ isStored: Bool) {
    if !isStored { state.hasFailed = true }
  }

  /// Writes the whole message to an open file.
  ///
  /// - Throws: `export.failed` when something could not be stored or written.
  package func write(to descriptor: Int32) throws(Diagnostic) {
    guard !state.hasFailed, conn_write(state.root.handle, descriptor) else { throw Self.failure }
  }

  private static let failure = Diagnostic(
    "export.failed", "the file could not be written: no space, no memory, or more than 2 GiB")
}
