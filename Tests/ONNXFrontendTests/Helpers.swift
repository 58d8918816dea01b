import Diagnostics
import IR
import Interpreter
import ONNXFrontend
import Tensors

/// Imports a sketch.
func imported(_ sketch: ModelSketch) throws -> Graph {
  try Importer().importModel(at: try sketch.write()).graph
}

/// Identifiers of everything that is wrong with a model, in order.
func problems(in path: String, registry: OpRegistry? = nil) -> [Diagnostic] {
  do throws(DiagnosticList) {
    let importer = registry.map { Importer(registry: $0) } ?? Importer()
    _ = try importer.importModel(at: path)
    return []
  } catch {
    return error.diagnostics
  }
}

func problems(in sketch: ModelSketch) throws -> [Diagnostic] {
  problems(in: try sketch.write())
}

/// Runs a graph on float inputs.
func run(_ graph: Graph, _ inputs: [Float]..., shape: [Int]) throws -> [Tensor] {
  let values = inputs.map { Value.tensor(Tensor($0, shape: shape)) }
  return try Interpreter(graph).run(values).compactMap(\.tensor)
}
