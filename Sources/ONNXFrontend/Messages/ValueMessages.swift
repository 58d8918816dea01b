/// `AttributeProto`.
struct AttributeMessage {
  /// `AttributeProto.AttributeType`.
  enum Kind: Int {
    case float = 1
    case int = 2
    case string = 3
    case tensor = 4
    case graph = 5
    case floats = 6
    case ints = 7
    case strings = 8
    case tensors = 9
    case graphs = 10
    case sparseTensor = 11
    case sparseTensors = 12
    case type = 13
    case types = 14
  }

  let message: Message

  var name: String { message.string(1) }
  var float: Double { message.real(2) }
  var int: Int { message.integer(3) }
  var string: String { message.string(4) }
  var tensor: TensorMessage? { message.child(5).map(TensorMessage.init) }
  var graph: GraphMessage? { message.child(6).map(GraphMessage.init) }
  var floats: [Double] { message.elements(7, of: Float.self).map(Double.init) }
  var ints: [Int] { message.integers(8) }
  var strings: [String] { message.strings(9) }
  var type: TypeMessage? { message.child(14).map(TypeMessage.init) }
  var kindNumber: Int { message.integer(20) }
  /// The attribute of the enclosing function that this one stands for; empty outside functions.
  var reference: String { message.string(21) }
  var sparseTensor: SparseTensorMessage? { message.child(22).map(SparseTensorMessage.init) }

  /// What the attribute holds; files of IR version 1 leave it to be guessed from the field that is present.
  var kind: Kind? {
    if kindNumber != 0 { return Kind(rawValue: kindNumber) }
    let fields: [(Int32, Kind)] = [
      (2, .float), (3, .int), (4, .string), (5, .tensor), (6, .graph), (7, .floats), (8, .ints),
      (9, .strings), (14, .type), (22, .sparseTensor),
    ]
    return fields.first { message.has($0.0) }?.1
  }
}

/// `TensorProto`.
struct TensorMessage {
  let message: Message

  var dimensions: [Int] { message.integers(1) }
  var elementTypeNumber: Int { message.integer(2) }
  var name: String { message.string(8) }
  var hasRawData: Bool { message.has(9) }
  /// The elements as they lie in the file, valid as long as the message.
  var rawData: UnsafeRawBufferPointer { message.bytes(9) }
  var isSegmented: Bool { message.has(3) }
  var isExternal: Bool { message.integer(14) == 1 }
  /// Keys and values that say where external data lies.
  var externalData: [(key: String, value: String)] { message.children(13).map(keyAndValue) }

  var floats: UnsafeBufferPointer<Float> { message.elements(4, of: Float.self) }
  var int32s: UnsafeBufferPointer<Int32> { message.elements(5, of: Int32.self) }
  var strings: [String] { message.strings(6) }
  var stringCount: Int { message.count(6) }
  var int64s: UnsafeBufferPointer<Int64> { message.elements(7, of: Int64.self) }
  var doubles: UnsafeBufferPointer<Double> { message.elements(10, of: Double.self) }
  var uint64s: UnsafeBufferPointer<UInt64> { message.elements(11, of: UInt64.self) }
}

/// `SparseTensorProto`.
struct SparseTensorMessage {
  let message: Message

  var values: TensorMessage? { message.child(1).map(TensorMessage.init) }
  var indices: TensorMessage? { message.child(2).map(TensorMessage.init) }
  var dimensions: [Int] { message.integers(3) }
}

/// `ValueInfoProto`.
struct ValueInfoMessage {
  let message: Message

  var name: String { message.string(1) }
  var type: TypeMessage? { message.child(2).map(TypeMessage.init) }
}

/// `TypeProto`.
struct TypeMessage {
  let message: Message

  var tensor: TensorTypeMessage? { message.child(1).map(TensorTypeMessage.init) }
  var sequenceElement: TypeMessage? { message.child(4)?.child(1).map(TypeMessage.init) }
  var mapKeyNumber: Int? { message.child(5)?.integer(1) }
  var mapValue: TypeMessage? { message.child(5)?.child(2).map(TypeMessage.init) }
  var isSparse: Bool { message.has(8) }
  var optionalElement: TypeMessage? { message.child(9)?.child(1).map(TypeMessage.init) }
}

/// `TypeProto.Tensor`.
struct TensorTypeMessage {
  enum Dimension {
    case number(Int)
    case symbol(String)
    case unknown
  }

  let message: Message

  var elementTypeNumber: Int { message.integer(1) }

  /// Nil when not even the rank is known.
  var shape: [Dimension]? {
    message.child(2).map { shape in
      shape.children(1).map { dimension in
        if dimension.has(1) { return .number(dimension.integer(1)) }
        let name = dimension.string(2)
        return name.isEmpty ? .unknown : .symbol(name)
      }
    }
  }
}
