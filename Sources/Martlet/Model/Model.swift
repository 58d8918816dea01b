public import Diagnostics
public import IR
import ONNXFrontend
import Ops

/// A model as it was read: its graph and what the file says about itself.
public struct Model: Sendable {
  public var graph: Graph
  /// Where it was read from.
  public let path: String
  public let irVersion: Int
  public let producer: String
  /// Opset versions by domain; the default domain is empty.
  public let opsets: [String: Int]
  public let metadata: [String: String]
  /// What the importer found worth saying.
  public let warnings: DiagnosticList

  /// Reads an ONNX model and the external data beside it.
  ///
  /// Outputs that are maps of scores become the tensors of scores, with a warning `model.zip-map`: nothing that a model is
  /// made into carries maps.
  ///
  /// - Throws: a `DiagnosticList` with everything that keeps the model from being understood.
  public init(contentsOf path: String) throws(DiagnosticList) {
    let imported = try Importer().importModel(at: path)
    var graph = imported.graph
    var warnings = imported.warnings
    for warning in graph.exposeZippedScores() { warnings.append(warning) }
    self.graph = graph
    self.path = path
    irVersion = imported.irVersion
    producer = imported.producer
    opsets = imported.opsets
    metadata = imported.metadata
    self.warnings = warnings
  }

  /// The name of the file without folder and extension.
  public var name: String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return file }
    return String(file[..<dot])
  }
}
