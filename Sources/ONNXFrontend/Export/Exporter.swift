import COnnx
package import Diagnostics
package import IR
import Tensors

/// Writes graphs as ONNX models that any runtime can read, as long as no operator is Martlet's own.
package struct Exporter: Sendable {
  /// Models whose weights take more than this keep them in a file of their own, `<model>.data`: protobuf ends at 2 GiB.
  package var largestInlineByteCount = 1_500_000_000
  /// The opset that is declared: operators mean there what their structs describe.
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

  /// The domains that a graph uses, the default domain first.
  private func domains(of graph: Graph) -> [(String, Int)] {
    var domains: Set<String> = []
    collectDomains(of: graph, into: &domains)
    domains.remove("")
    return [("", Self.opset)] + domains.sorted().map { ($0, Self.versions[$0] ?? 1) }
  }

  private func collectDomains(of graph: Graph, into domains: inout Set<String>) {
    for id in graph.nodeIDs {
      let op = graph[id].op
      domains.insert(type(of: op).schema.domain)
      for case .graph(let inner) in op.attributes.entries.map(\.value) {
        collectDomains(of: inner, into: &domains)
      }
    }
  }
}
