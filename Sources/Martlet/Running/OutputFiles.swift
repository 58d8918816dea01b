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

  /// Writes the values of a graph's outputs, and returns the paths.
  ///
  /// - Throws: `file.write`, or `run.output-kind` for outputs that are not tensors.
  public func write(_ values: [Value], of graph: Graph) throws(Diagnostic) -> [String] {
    try makeFolder(folder)
    var paths: [String] = []
    for (id, value) in zip(graph.outputs, values) {
      guard let tensor = value.tensor else {
        throw .unsupported(
          "run.output-kind", "a \(value.type) cannot be written as one array",
          at: .value(model: graph.source, name: graph[id].name))
      }
      let path = "\(folder)/\(Self.fileName(for: graph[id].name))"
      try NumpyFile.write(tensor, to: path)
      paths.append(path)
    }
    return paths
  }
}
