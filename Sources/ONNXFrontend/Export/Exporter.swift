import COnnx
package import Diagnostics
package import IR
import Tensors

/// Writes graphs as ONNX models that any runtime can read, as long as no operator is Martlet's own.
package struct Exporter: Sendable {
  /// Models whose weights take more than this keep them in a file of their own, `<model>.data`: protobuf ends at 2 GiB.
  package var largestInlineByteCount = 1_500_000_000
  /// The opset that is declared unless an operator is newer: operators mean there what their structs describe.
  package static let opset = 23
  private static let irVersion = 10

  package init() {}

  /// Writes a model, and its external data where it needs that.
  ///
  /// - Throws: `file.unwritable`, `export.failed`.
  package func export(_ graph: Graph, to path: String) throws(Diagnostic) {
    let model = try MessageBuilder(CONN_MODEL)
    model.add(1, Self.irVersion)
    model.add(2, "martlet")
    for (domain, version) in domains(of: graph) {
      let entry = model.add(8)
      entry.add(1, domain)
      entry.add(2, version)
    }
    let weights = graph.valueIDs.reduce(0) { $0 + (graph.constant($1)?.byteCount ?? 0) }
    var data: OutputFile?
    if weights > largestInlineByteCount { data = try OutputFile("\(path).data") }
    let location = "\(path).data".split(separator: "/").last.map(String.init) ?? ""
    let tensors = TensorEncoder(external: data.map { ($0, location) })
    try GraphEncoder(graph: graph, tensors: tensors).encode(into: model.add(7))
    let file = try OutputFile(path)
    try model.write(to: file.descriptor)
    try data?.finish()
    try file.finish()
  }

  private static let versions = ["ai.onnx.ml": 5, "qonnx.custom_op.general": 2]

  /// The domains that a graph uses, the default domain first, each with the version to declare.
  private func domains(of graph: Graph) -> [(String, Int)] {
    var versions: [String: Int] = ["": Self.opset]
    collectVersions(of: graph, into: &versions)
    return versions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func collectVersions(of graph: Graph, into versions: inout [String: Int]) {
    for id in graph.nodeIDs {
      let op = graph[id].op
      let schema = type(of: op).schema
      let least = schema.domain.isEmpty ? schema.versions.first : Self.versions[schema.domain]
      versions[schema.domain] = max(versions[schema.domain] ?? 1, least ?? 1)
      for case .graph(let inner) in op.attributes.entries.map(\.value) {
        collectVersions(of: inner, into: &versions)
      }
    }
  }
}
