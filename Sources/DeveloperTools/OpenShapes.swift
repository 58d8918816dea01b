import ArgumentParser
import IR
import ONNXFrontend
import Tensors

/// Lists what shape inference leaves open: values whose dimensions the inputs' dimensions do not determine.
struct OpenShapes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the values whose dimensions do not follow from the inputs'.")

  @Argument(help: "ONNX files.") var models: [String]

  func run() throws {
    for path in models {
      do {
        let graph = try Importer().importModel(at: path).graph
        let given = Set(
          graph.inputs.flatMap { dimensions(graph[$0].type) ?? [] }.flatMap(\.symbols))
        var open = 0
        var first = ""
        for id in graph.nodeIDs {
          for case let output? in graph[id].outputs {
            let found = dimensions(graph[output].type)
            if let found, found.allSatisfy({ $0.symbols.isSubset(of: given) }) { continue }
            open += 1
            if first.isEmpty {
              first = ", first \(graph[id].opName) %\(graph[output].name): \(graph[output].type)"
            }
          }
        }
        let outputs = graph.outputs.map { "\(graph[$0].type)" }.joined(separator: " ")
        print("\(path): \(open) open of \(graph.nodeIDs.count) nodes\(first); outputs \(outputs)")
      } catch {
        print("\(path): failed")
      }
    }
  }

  private func dimensions(_ type: ValueType) -> [IndexExpr]? { type.tensor?.shape }
}
