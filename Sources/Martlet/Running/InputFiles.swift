public import Diagnostics
public import IR
import ONNXFrontend
import Tensors

/// Where the inputs of a run come from: files, and noise for what no file gives.
public struct InputFiles: Sendable {
  /// A file, with the name of the input that it is for where one was given.
  public struct Source: Sendable, Hashable {
    public var name: String?
    public var path: String

    /// Reads `NAME=FILE`, or a file alone.
    public init(_ text: String) {
      if let equals = text.firstIndex(of: "="), equals != text.startIndex {
        name = String(text[..<equals])
        path = String(text[text.index(after: equals)...])
      } else {
        path = text
      }
    }
  }

  public var sources: [Source]
  /// Seed for the inputs that no file gives; nil to insist on files.
  public var randomSeed: UInt64?

  public init(_ sources: [Source] = [], randomSeed: UInt64? = nil) {
    self.sources = sources
    self.randomSeed = randomSeed
  }

  /// One value for each of the graph's inputs, in order.
  ///
  /// - Throws: `run.input-unknown`, `run.input-missing`, and whatever reading a file throws.
  public func values(for graph: Graph) throws(Diagnostic) -> [Value] {
    var given: [ValueID: Value] = [:]
    for source in sources { try read(source, for: graph, into: &given) }
    let missing = graph.inputs.filter { given[$0] == nil }
    guard missing.isEmpty || randomSeed != nil else {
      let names = missing.map { "'\(graph[$0].name)' \(graph[$0].type)" }
      throw Diagnostic(
        "run.input-missing", "no values are given for \(names.joined(separator: ", "))",
        at: .file(graph.source),
        notes: ["give files with --input NAME=FILE, or noise with --random-seed N"])
    }
    var random = RandomTensors(seed: randomSeed ?? 0)
    var symbols: [Symbol: Int] = [:]
    for (id, value) in given { learn(value, graph.tensorType(id), &symbols) }
    var values: [Value] = []
    for id in graph.inputs {
      if let value = given[id] {
        values.append(value)
      } else {
        values.append(try random.input(id, of: graph, symbols: &symbols))
      }
    }
    return values
  }

  private func learn(_ value: Value, _ type: TensorType?, _ symbols: inout [Symbol: Int]) {
    guard let tensor = value.tensor, let shape = type?.shape, shape.count == tensor.rank else {
      return
    }
    for (expected, found) in zip(shape, tensor.shape) {
      if let symbol = expected.asSymbol { symbols[symbol] = found }
    }
  }

  private func read(
    _ source: Source, for graph: Graph, into given: inout [ValueID: Value]
  ) throws(Diagnostic) {
    let path = source.path
    if source.name == nil, path.hasSuffix(".npz") {
      for (name, tensor) in try NumpyArchive.read(path) {
        if let id = graph.inputs.first(where: { graph[$0].name == name }) {
          given[id] = .tensor(tensor)
        }
      }
      return
    }
    let id = try target(of: source, in: graph)
    given[id] = try Self.read(path, name: graph[id].name, as: graph[id].type)
  }

  private func target(of source: Source, in graph: Graph) throws(Diagnostic) -> ValueID {
    if let name = source.name {
      if let id = graph.inputs.first(where: { graph[$0].name == name }) { return id }
    } else if graph.inputs.count == 1, let id = graph.inputs.first {
      return id
    }
    let names = graph.inputs.map { "'\(graph[$0].name)'" }.joined(separator: ", ")
    throw Diagnostic(
      "run.input-unknown",
      source.name.map { "the model has no input '\($0)', expected one of \(names)" }
        ?? "'\(source.path)' could be for any of \(names): write NAME=FILE",
      at: .file(graph.source))
  }

  /// Reads one value from a file, by its extension.
  private static func read(
    _ path: String, name: String, as type: ValueType
  ) throws(Diagnostic) -> Value {
    switch path.split(separator: ".").last.map({ $0.lowercased() }) {
    case "npy": return .tensor(try NumpyFile.read(path))
    case "pb": return try ValueFile.read(at: path, as: type)
    case "npz":
      let arrays = try NumpyArchive.read(path)
      if let tensor = arrays[name] ?? (arrays.count == 1 ? arrays.first?.value : nil) {
        return .tensor(tensor)
      }
      throw Diagnostic(
        "run.input-unknown",
        "no array '\(name)', found \(arrays.keys.sorted().map { "'\($0)'" }.joined(separator: ", "))",
        at: .file(path))
    default:
      throw Diagnostic(
        "run.input-format", "unknown kind of file, expected .npy, .npz or .pb", at: .file(path))
    }
  }
}
