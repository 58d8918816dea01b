import Diagnostics
import Tensors

/// Writes tensors into messages, large ones into a file beside the model.
final class TensorEncoder {
  /// Tensors below this stay in the model even where others go outside.
  private static let leastExternalByteCount = 1024
  /// Offsets of external data are multiples of this, so that it can be mapped.
  private static let alignment = 4096

  private let external: OutputFile?
  private let location: String
  private var offset = 0

  /// - Parameter external: the file for large tensors and the name that the model calls it; nil to keep all inside.
  init(external: (file: OutputFile, location: String)? = nil) {
    self.external = external?.file
    location = external?.location ?? ""
  }

  /// Fills a `TensorProto`.
  func encode(_ tensor: Tensor, name: String, into message: MessageBuilder) throws(Diagnostic) {
    for dimension in tensor.shape { message.add(1, dimension) }
    message.add(2, Int(tensor.type.rawValue))
    if !name.isEmpty { message.add(8, name) }
    if tensor.type == .string {
      for string in tensor.strings { message.add(6, string) }
    } else if let external, tensor.byteCount >= Self.leastExternalByteCount {
      try write(tensor, to: external, message)
    } else {
      tensor.withBytes { message.add(9, $0) }
    }
  }

  private func write(_ tensor: Tensor, to file: OutputFile, _ message: MessageBuilder)
    throws(Diagnostic)
  {
    let padding = (Self.alignment - offset % Self.alignment) % Self.alignment
    let zeros = Tensor(zeros: [padding], type: .u8)
    try zeros.withBytes { (bytes) throws(Diagnostic) in try file.write(bytes) }
    offset += padding
    try tensor.withBytes { (bytes) throws(Diagnostic) in try file.write(bytes) }
    let entries = [
      ("location", location), ("offset", String(offset)), ("length", String(tensor.byteCount)),
    ]
    for (key, value) in entries {
      let entry = message.add(13)
      entry.add(1, key)
      entry.add(2, value)
    }
    message.add(14, 1)
    offset += tensor.byteCount
  }
}
