import COnnx

/// `ModelProto`.
struct ModelMessage {
  let message: Message

  var irVersion: Int { message.integer(1) }
  var producer: String { message.string(2) }
  var hasGraph: Bool { message.has(7) }
  var graph: GraphMessage? { message.child(7).map(GraphMessage.init) }
  var opsetImports: [OpsetImport] { message.children(8).map(OpsetImport.init) }
  var functions: [FunctionMessage] { message.children(25).map(FunctionMessage.init) }
  /// Keys and values of `metadata_props`.
  var metadata: [(key: String, value: String)] { message.children(14).map(keyAndValue) }
}

/// `OperatorSetIdProto`.
struct OpsetImport {
  let domain: String
  let version: Int

  init(_ message: Message) {
    domain = normalizedDomain(message.string(1))
    version = message.integer(2)
  }
}

/// `GraphProto`.
struct GraphMessage {
  let message: Message

  var nodes: [NodeMessage] { message.children(1).map(NodeMessage.init) }
  var name: String { message.string(2) }
  var initializers: [TensorMessage] { message.children(5).map(TensorMessage.init) }
  var inputs: [ValueInfoMessage] { message.children(11).map(ValueInfoMessage.init) }
  var outputs: [ValueInfoMessage] { message.children(12).map(ValueInfoMessage.init) }
  var valueInfos: [ValueInfoMessage] { message.children(13).map(ValueInfoMessage.init) }
  var sparseInitializers: [SparseTensorMessage] {
    message.children(15).map(SparseTensorMessage.init)
  }
}

/// `NodeProto`.
struct NodeMessage {
  let message: Message

  var inputs: [String] { message.strings(1) }
  var outputs: [String] { message.strings(2) }
  var name: String { message.string(3) }
  var op: String { message.string(4) }
  var attributes: [AttributeMessage] { message.children(5).map(AttributeMessage.init) }
  var domain: String { normalizedDomain(message.string(7)) }
  /// Distinguishes functions of one name (IR version 10).
  var overload: String { message.string(8) }
}

/// `FunctionProto`.
struct FunctionMessage {
  let message: Message

  var name: String { message.string(1) }
  var inputs: [String] { message.strings(4) }
  var outputs: [String] { message.strings(5) }
  var attributes: [String] { message.strings(6) }
  var nodes: [NodeMessage] { message.children(7).map(NodeMessage.init) }
  var opsetImports: [OpsetImport] { message.children(9).map(OpsetImport.init) }
  var domain: String { normalizedDomain(message.string(10)) }
  /// Distinguishes functions of one name (IR version 10).
  var overload: String { message.string(13) }

  /// Attributes with a default (IR version 9), a field that the library's classes do not have yet.
  var defaults: [AttributeMessage] {
    (0..<message.count(11)).compactMap { index in
      MessageRoot(parsing: message.bytes(11, index), as: CONN_ATTRIBUTE)
        .map { AttributeMessage(message: $0.message) }
    }
  }
}

/// The default domain is spelled empty.
func normalizedDomain(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

/// `StringStringEntryProto`.
func keyAndValue(_ message: Message) -> (key: String, value: String) {
  (message.string(1), message.string(2))
}
