public import Diagnostics
public import IR
import Images
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

    /// Whether the file's name says that it is an image.
    public var isImage: Bool { ImageFile.kinds.contains(kind) }

    /// The extension, in small letters.
    var kind: String { path.split(separator: ".").last.map { $0.lowercased() } ?? "" }
  }

  public var sources: [Source]
  /// Seed for the inputs that no file gives; nil to insist on files.
  public var randomSeed: UInt64?
  /// How images become inputs.
  public var preprocessing: ImagePreprocessing

  public init(
    _ sources: [Source] = [], randomSeed: UInt64? = nil,
    preprocessing: ImagePreprocessing = ImagePreprocessing()
  ) {
    self.sources = sources
    self.randomSeed = randomSeed
    self.preprocessing = preprocessing
  }

  /// One value for each input, in order.
  ///
  /// Images come after all other files, so that open dimensions which those settle are the size that images get.
  ///
  /// - Throws: `run.input-unknown`, `run.input-missing`, and whatever reading a file throws.
  public func values(for signature: Signature) throws(Diagnostic) -> [Value] {
    var given: [String: Value] = [:]
    for source in sources where !source.isImage { try read(source, for: signature, into: &given) }
    for source in sources where source.isImage {
      let port = try target(of: source, in: signature)
      given[port.name] = try image(source.path, for: port, symbols(of: signature, given))
    }
    let missing = signature.inputs.filter { given[$0.name] == nil }
    guard missing.isEmpty || randomSeed != nil else {
      let names = missing.map { "'\($0.name)' \($0.type)" }
      throw Diagnostic(
        "run.input-missing", "no values are given for \(names.joined(separator: ", "))",
        at: .file(signature.source),
        notes: ["give files with --input NAME=FILE, or noise with --random-seed N"])
    }
    var random = RandomTensors(seed: randomSeed ?? 0)
    var symbols = symbols(of: signature, given)
    var values: [Value] = []
    for port in signature.inputs {
      if let value = given[port.name] {
        values.append(value)
      } else {
        values.append(try random.value(for: port, of: signature.source, symbols: &symbols))
      }
    }
    return values
  }

  private func image(
    _ path: String, for port: Signature.Port, _ symbols: [Symbol: Int]
  ) throws(Diagnostic) -> Value {
    let image = try ImageFile.read(path)
    do throws(Diagnostic) {
      return .tensor(try preprocessing.tensor(image, for: port, symbols: symbols))
    } catch {
      throw error.located(at: .file(path))
    }
  }

  /// What the given values say about open dimensions.
  private func symbols(of signature: Signature, _ given: [String: Value]) -> [Symbol: Int] {
    var symbols: [Symbol: Int] = [:]
    for port in signature.inputs {
      if let value = given[port.name] { learn(value, port.type.tensor, &symbols) }
    }
    return symbols
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
    _ source: Source, for signature: Signature, into given: inout [String: Value]
  ) throws(Diagnostic) {
    let path = source.path
    if source.name == nil, source.kind == "npz" {
      for (name, tensor) in try NumpyArchive.read(path) { given[name] = .tensor(tensor) }
      return
    }
    let port = try target(of: source, in: signature)
    given[port.name] = try Self.read(source, name: port.name, as: port.type)
  }

  private func target(
    of source: Source, in signature: Signature
  ) throws(Diagnostic) -> Signature.Port {
    if let name = source.name {
      if let port = signature.inputs.first(where: { $0.name == name }) { return port }
    } else if signature.inputs.count == 1 {
      return signature.inputs[0]
    }
    let names = signature.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
    throw Diagnostic(
      "run.input-unknown",
      source.name.map { "the model has no input '\($0)', expected one of \(names)" }
        ?? "'\(source.path)' could be for any of \(names): write NAME=FILE",
      at: .file(signature.source))
  }

  /// Reads one value from a file, by its extension.
  private static func read(
    _ source: Source, name: String, as type: ValueType
  ) throws(Diagnostic) -> Value {
    let path = source.path
    switch source.kind {
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
        "run.input-format", "unknown kind of file, expected .npy, .npz, .pb or an image",
        at: .file(path))
    }
  }
}
