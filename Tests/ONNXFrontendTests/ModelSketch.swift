import COnnx
import Foundation
import ONNXFrontend
import Tensors

/// A model as a test writes it down: turned into a file with whatever is wrong in it left wrong.
struct ModelSketch: Sendable {
  var irVersion = 8
  var opsets: [(domain: String, version: Int)] = [("", 17)]
  var graph = GraphSketch()
  var functions: [FunctionSketch] = []

  init(_ graph: GraphSketch, functions: [FunctionSketch] = []) {
    self.graph = graph
    self.functions = functions
    let domains = Set(functions.map(\.domain)).sorted()
    opsets += domains.map { ($0, 1) }
  }

  /// Writes the model into a new folder of its own and returns its path.
  func write(in folder: String? = nil) throws -> String {
    let folder = try folder ?? Self.newFolder()
    let model = try MessageBuilder(CONN_MODEL)
    model.add(1, irVersion)
    for opset in opsets {
      let entry = model.add(8)
      entry.add(1, opset.domain)
      entry.add(2, opset.version)
    }
    graph.write(into: model.add(7))
    for function in functions { function.write(into: model.add(25)) }
    let path = "\(folder)/model.onnx"
    let file = try OutputFile(path)
    try model.write(to: file.descriptor)
    try file.finish()
    return path
  }

  static func newFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("frontend-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}

/// A dimension: a number, a name, or nothing.
enum DimensionSketch: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  case number(Int)
  case name(String)
  case open

  init(integerLiteral value: Int) { self = .number(value) }
  init(stringLiteral value: String) { self = .name(value) }
}

struct ValueSketch: Sendable {
  var name: String
  var type: ElementType
  var shape: [DimensionSketch]?

  init(_ name: String, _ type: ElementType = .f32, _ shape: [DimensionSketch]? = [2, 3]) {
    self.name = name
    self.type = type
    self.shape = shape
  }

  func write(into message: MessageBuilder) {
    message.add(1, name)
    let tensor = message.add(2).add(1)
    tensor.add(1, Int(type.rawValue))
    guard let shape else { return }
    let dimensions = tensor.add(2)
    for dimension in shape {
      let entry = dimensions.add(1)
      switch dimension {
      case .number(let value): entry.add(1, value)
      case .name(let name): entry.add(2, name)
      case .open: break
      }
    }
  }
}

struct TensorSketch: Sendable {
  var name: String
  var type: ElementType
  var shape: [Int]
  var raw: [UInt8]?
  var int32s: [Int] = []
  var external: [(String, String)] = []

  /// Small integers as raw floats.
  init(_ name: String, floats: [Float], _ shape: [Int]) {
    self.name = name
    type = .f32
    self.shape = shape
    raw = floats.withUnsafeBytes { Array($0) }
  }

  init(_ name: String, ints: [Int64], _ shape: [Int]) {
    self.name = name
    type = .i64
    self.shape = shape
    raw = ints.withUnsafeBytes { Array($0) }
  }

  init(_ name: String, _ type: ElementType, _ shape: [Int], raw: [UInt8]? = nil) {
    self.name = name
    self.type = type
    self.shape = shape
    self.raw = raw
  }

  /// Floats in a file beside the model.
  init(_ name: String, external: [(String, String)], _ shape: [Int]) {
    self.init(name, .f32, shape)
    self.external = external
  }

  func write(into message: MessageBuilder) {
    for dimension in shape { message.add(1, dimension) }
    message.add(2, Int(type.rawValue))
    message.add(8, name)
    for value in int32s { message.add(5, value) }
    raw?.withUnsafeBytes { message.add(9, $0) }
    for (key, value) in external {
      let entry = message.add(13)
      entry.add(1, key)
      entry.add(2, value)
    }
    if !external.isEmpty { message.add(14, 1) }
  }
}

indirect enum AttributeSketch: Sendable {
  case int(Int)
  case ints([Int])
  case float(Double)
  case floats([Double])
  case string(String)
  case strings([String])
  case tensor(TensorSketch)
  case graph(GraphSketch)
  case reference(String, kind: Int)

  func write(_ name: String, into message: MessageBuilder) {
    message.add(1, name)
    switch self {
    case .float(let value):
      message.add(2, value)
      message.add(20, 1)
    case .int(let value):
      message.add(3, value)
      message.add(20, 2)
    case .string(let value):
      message.add(4, value)
      message.add(20, 3)
    case .tensor(let tensor):
      tensor.write(into: message.add(5))
      message.add(20, 4)
    case .graph(let graph):
      graph.write(into: message.add(6))
      message.add(20, 5)
    case .floats(let values):
      for value in values { message.add(7, value) }
      message.add(20, 6)
    case .ints(let values):
      for value in values { message.add(8, value) }
      message.add(20, 7)
    case .strings(let values):
      for value in values { message.add(9, value) }
      message.add(20, 8)
    case .reference(let target, let kind):
      message.add(21, target)
      message.add(20, kind)
    }
  }
}

struct NodeSketch: Sendable {
  var op: String
  var inputs: [String]
  var outputs: [String]
  var name = ""
  var domain = ""
  var attributes: [(String, AttributeSketch)] = []

  init(
    _ op: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "",
    _ attributes: [(String, AttributeSketch)] = []
  ) {
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.name = name
    self.domain = domain
    self.attributes = attributes
  }

  func write(into message: MessageBuilder) {
    for input in inputs { message.add(1, input) }
    for output in outputs { message.add(2, output) }
    if !name.isEmpty { message.add(3, name) }
    message.add(4, op)
    for (name, value) in attributes { value.write(name, into: message.add(5)) }
    if !domain.isEmpty { message.add(7, domain) }
  }
}

struct GraphSketch: Sendable {
  var inputs: [ValueSketch] = []
  var outputs: [ValueSketch] = []
  var nodes: [NodeSketch] = []
  var initializers: [TensorSketch] = []
  var valueInfos: [ValueSketch] = []

  func write(into message: MessageBuilder) {
    message.add(2, "test")
    for node in nodes { node.write(into: message.add(1)) }
    for tensor in initializers { tensor.write(into: message.add(5)) }
    for input in inputs { input.write(into: message.add(11)) }
    for output in outputs { output.write(into: message.add(12)) }
    for value in valueInfos { value.write(into: message.add(13)) }
  }
}

struct FunctionSketch: Sendable {
  var name: String
  var domain = "local"
  var inputs: [String]
  var outputs: [String]
  var attributes: [String] = []
  var nodes: [NodeSketch]

  func write(into message: MessageBuilder) {
    message.add(1, name)
    for input in inputs { message.add(4, input) }
    for output in outputs { message.add(5, output) }
    for attribute in attributes { message.add(6, attribute) }
    for node in nodes { node.write(into: message.add(7)) }
    for (domain, version) in [("", 17), ("local", 1)] {
      let entry = message.add(9)
      entry.add(1, domain)
      entry.add(2, version)
    }
    message.add(10, domain)
  }
}
