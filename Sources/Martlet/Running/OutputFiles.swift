public import Diagnostics
public import IR

/// Writes the outputs of a run, one `NAME.npy` each.
public struct OutputFiles: Sendable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// The output's name with every character outside `A-Za-z0-9._-` replaced by `_`.
  public static func fileName(for output: String) -> String {
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    return String(output.map { allowed.contains($0) ? $0 : "_" }) + ".npy"
  }

  /// Writes the values of outputs, and returns the paths.
  ///
  /// - Throws: `file.write`, or `run.output-kind` for outputs that are not tensors.
  public func write(_ values: [Value], of signature: Signature) throws(Diagnostic) -> [String] {
    try makeFolder(folder)
    var paths: [String] = []
    for (port, value) in zip(signature.outputs, values) {
      guard let tensor = value.tensor else {
        throw .unsupported(
          "run.output-kind", "a \(value.type) cannot be written as one array",
          at: .value(model: signature.source, name: port.name))
      }
      let path = "\(folder)/\(Self.fileName(for: port.name))"
      try NumpyFile.write(tensor, to: path)
      paths.append(path)
    }
    return paths
  }

  /// Reads what `write` wrote, in the order of the outputs.
  ///
  /// - Throws: `file.read`, and what reading an array throws.
  public func read(_ signature: Signature) throws(Diagnostic) -> [Value] {
    var values: [Value] = []
    for port in signature.outputs {
      values.append(.tensor(try NumpyFile.read("\(folder)/\(Self.fileName(for: port.name))")))
    }
    return values
  }
}
