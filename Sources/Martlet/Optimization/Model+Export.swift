public import Diagnostics
import ONNXFrontend

extension Model {
  /// Writes the model's graph as ONNX, and its weights beside it where they do not fit into one file.
  ///
  /// - Throws: `file.unwritable`, `export.failed`.
  public func export(to path: String) throws(Diagnostic) {
    try Exporter().export(graph, to: path)
  }
}
