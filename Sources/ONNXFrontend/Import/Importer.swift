import COnnx
package import Diagnostics
package import IR
import Ops
import Tensors

/// A graph and what the file says about itself.
package struct ImportedModel: Sendable {
  package var graph: Graph
  package var irVersion: Int
  package var producer: String
  /// Opset versions by domain; the default domain is empty.
  package var opsets: [String: Int]
  package var metadata: [String: String]
  package var warnings: DiagnosticList
}

/// Reads ONNX models into graphs, or says everything that keeps it from doing so.
///
/// Weights are not copied: they stay in the mapped file or in the parsed message, which live as long as the tensors.
package struct Importer: Sendable {
  /// The newest opset of the default domain whose meaning is known.
  package static let newestOpset = 28
  /// The newest version of the file format whose meaning is known.
  package static let newestIRVersion = 14

  private let registry: OpRegistry
  private let inputs: InputReading

  package init(registry: OpRegistry = OpCatalog.standard, inputs: InputReading = .asDeclared) {
    self.registry = registry
    self.inputs = inputs
  }

  /// Reads a model and the external data beside it.
  ///
  /// - Throws: every problem that was found.
  package func importModel(at path: String) throws(DiagnosticList) -> ImportedModel {
    let file: MappedFile
    do throws(Diagnostic) {
      file = try MappedFile(path)
    } catch {
      throw DiagnosticList([error])
    }
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    return try importModel(file.bytes, name: name, folder: folder)
  }

  /// Reads a model from memory.
  ///
  /// - Parameters:
  ///   - bytes: the file's content; not needed any more afterwards.
  ///   - name: what messages call the model.
  ///   - folder: where external data may lie; nil for nowhere.
  package func importModel(
    _ bytes: UnsafeRawBufferPointer, name: String, folder: String? = nil
  ) throws(DiagnosticList) -> ImportedModel {
    guard let root = MessageRoot(parsing: bytes, as: CONN_MODEL) else {
      let size = bytes.count > Int32.max ? ": it is larger than 2 GiB without external data" : ""
      throw DiagnosticList([
        Diagnostic(
          "import.not-a-model", "\(bytes.count) bytes are not an ONNX model\(size)",
          at: .file(name))
      ])
    }
    let model = ModelMessage(message: root.message)
    guard let graphMessage = model.graph else {
      throw DiagnosticList([
        Diagnostic("import.no-graph", "the model has no graph", at: .file(name))
      ])
    }
    let context = ImportContext(
      modelName: name, registry: registry, inputs: inputs,
      tensors: TensorDecoder(externalData: ExternalData(folder: folder)), opsets: opsets(of: model),
      functions: functions(of: model))
    checkVersions(model, context)
    let importer = GraphImporter(graphMessage, context: context)
    importer.run()
    try context.diagnostics.throwIfErrors()
    return ImportedModel(
      graph: importer.graph, irVersion: model.irVersion, producer: model.producer,
      opsets: context.opsets,
      metadata: Dictionary(model.metadata.map { ($0.key, $0.value) }) { first, _ in first },
      warnings: context.diagnostics)
  }

  /// Files before IR version 3 do not say which opset they use: it is the first.
  private func opsets(of model: ModelMessage) -> [String: Int] {
    let imports = model.opsetImports.map { ($0.domain, $0.version) }
    let versions = Dictionary(imports, uniquingKeysWith: max)
    return versions.isEmpty && model.irVersion < 3 ? ["": 1] : versions
  }

  private func functions(of model: ModelMessage) -> [FunctionKey: FunctionMessage] {
    Dictionary(
      model.functions.map { function in
        let key = FunctionKey(
          domain: function.domain, name: function.name, overload: function.overload)
        return (key, function)
      }
    ) { first, _ in first }
  }

  private func checkVersions(_ model: ModelMessage, _ context: ImportContext) {
    let file = Location.file(context.modelName)
    if model.irVersion > Self.newestIRVersion {
      context.report(
        Diagnostic(
          "import.newer-ir",
          "the file is of IR version \(model.irVersion), the newest known is \(Self.newestIRVersion)",
          severity: .warning), at: file)
    }
    if model.irVersion < 1 {
      context.report(
        Diagnostic("import.ir-version", "the file has no IR version"), at: file)
    }
    guard let opset = context.opsets[""] else { return }
    if opset > Self.newestOpset {
      context.report(
        Diagnostic(
          "import.newer-opset",
          "the model uses opset \(opset), the newest known is \(Self.newestOpset)",
          severity: .warning), at: file)
    }
    if opset < 1 {
      context.report(
        Diagnostic("import.opset", "the model uses opset \(opset), expected 1 or more"), at: file)
    }
  }
}
