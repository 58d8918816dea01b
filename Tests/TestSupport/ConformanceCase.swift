package import Diagnostics
import Foundation
package import IR
package import ONNXFrontend
package import Tensors

/// One case of the standard's backend test suite: a folder with a model, recorded inputs and outputs, and a tolerance.
package struct ConformanceCase: Sendable, CustomStringConvertible {
  package let name: String
  package let folder: String

  package init(name: String, in root: String) {
    self.name = name
    folder = "\(root)/\(name)"
  }

  package var description: String { name }

  /// Inputs and expected outputs, in the order of the graph's.
  package struct DataSet: Sendable {
    package let inputs: [Value]
    package let outputs: [Value]
  }

  package func model(_ inputs: InputReading = .asDeclared) throws(DiagnosticList) -> Graph {
    try Importer(inputs: inputs).importModel(at: "\(folder)/model.onnx").graph
  }

  /// The relative and absolute error that the case allows.
  package func tolerance() throws -> Tolerance {
    let text = try String(contentsOfFile: "\(folder)/tolerance", encoding: .utf8)
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard numbers.count == 2 else { return .exact }
    return .close(relative: numbers[0], absolute: numbers[1])
  }

  package func dataSets(for graph: Graph) throws -> [DataSet] {
    let folders = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("test_data_set_") }.sorted()
    return try folders.map { name in
      let path = "\(folder)/\(name)"
      return DataSet(
        inputs: try graph.inputs.enumerated().map { number, id in
          try ValueFile.read(at: "\(path)/input_\(number).pb", as: graph[id].type)
        },
        outputs: try graph.outputs.enumerated().map { number, id in
          try ValueFile.read(at: "\(path)/output_\(number).pb", as: graph[id].type)
        })
    }
  }

  /// Runs every data set through an engine.
  ///
  /// - Returns: the first reason why it does not pass, which begins with `ConformanceMode.doesNotApply` where the mode has
  ///   nothing to change; nil when it passes.
  package func failure(
    _ mode: ConformanceMode = .fixed, on engine: (Graph) throws -> any Executor
  ) -> String? {
    do {
      let graph = try model()
      // Agreement by luck is no agreement. Dropout draws nothing unless it trains, and does that with a seed here.
      let isRandom = { (id: NodeID) in
        !graph[id].op.isDeterministic && graph[id].opName != "Dropout"
      }
      if let random = graph.nodeIDs.first(where: isRandom) {
        return "\(graph.location(of: random)) gives different results every time"
      }
      if let reason = mode.reasonNotToApply(to: graph) {
        return "\(ConformanceMode.doesNotApply): \(reason)"
      }
      let tolerance = try tolerance()
      var executor: (any Executor)?
      for data in try dataSets(for: graph) {
        let (reading, arguments) = mode.reading(of: graph, data.inputs)
        if executor == nil || mode == .constants { executor = try engine(try model(reading)) }
        let found = try executor?.run(arguments) ?? []
        for (id, (actual, expected)) in zip(graph.outputs, zip(found, data.outputs)) {
          if let mismatch = ValueComparison.mismatch(actual, expected, tolerance) {
            return "output '\(graph[id].name)': \(mismatch)"
          }
        }
      }
      return nil
    } catch {
      return "\(error)"
    }
  }
}
