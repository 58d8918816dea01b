import IR
import ONNXFrontend
import Tensors

/// How a case's model is read before it runs.
package enum ConformanceMode: String, CaseIterable, Sendable {
  /// As its file says.
  case fixed = "static"
  /// With every dimension of every input a symbol.
  case symbolic
  /// With every input that is a tensor a constant, so that nothing is left to compute but what passes leave.
  case constants

  /// What the reasons begin with why a mode does not apply to a case.
  package static let doesNotApply = "does not apply"

  /// Why the mode would change nothing about a model.
  func reasonNotToApply(to graph: Graph) -> String? {
    let tensors = graph.inputs.compactMap { graph.tensorType($0) }
    switch self {
    case .fixed: return nil
    case .symbolic:
      let hasSizes = tensors.contains { $0.shape.map { !$0.isEmpty } ?? false }
      return hasSizes ? nil : "no input has sizes"
    case .constants: return tensors.isEmpty ? "no input is a tensor" : nil
    }
  }

  /// How the model is read for these inputs, and those that are left to give.
  func reading(of graph: Graph, _ inputs: [Value]) -> (InputReading, [Value]) {
    switch self {
    case .fixed: return (.asDeclared, inputs)
    case .symbolic: return (.withOpenSizes, inputs)
    case .constants:
      let named = zip(graph.inputs, inputs).compactMap { id, value in
        value.tensor.map { (graph[id].name, $0) }
      }
      let known = Dictionary(named) { first, _ in first }
      return (.asConstants(known), inputs.filter { $0.tensor == nil })
    }
  }
}
