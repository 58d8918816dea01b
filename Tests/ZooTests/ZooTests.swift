import Diagnostics
import Foundation
import IR
import Interpreter
import Martlet
import Tensors
import TestSupport
import Testing

/// Whole networks: imported, through all passes, compiled, and held against the interpreter on noise.
///
/// `MARTLET_ZOO=all` runs the large ones, too; `MARTLET_ZOO_MODELS=FOLDER` runs every model of a folder.
@Suite("whole networks") struct ZooTests {
  @Test(
    "trained models agree with the interpreter",
    .enabled(if: !SharedModel.all.isEmpty, "the trained models are not on this machine"),
    arguments: SharedModel.chosen)
  func trained(model: SharedModel) throws {
    try check(try #require(model.path), shapes: model.shapes ?? [:])
  }

  @Test(
    "models of a folder agree with the interpreter",
    .enabled(if: !SharedModel.filled.isEmpty, "MARTLET_ZOO_MODELS names no folder of models"),
    arguments: SharedModel.filled)
  func filled(model: SharedModel) throws {
    try check(model.name, shapes: [:])
  }

  private func check(_ path: String, shapes: [String: [Int]]) throws {
    let model = try Model(contentsOf: path)
    let executor: any Executor
    do {
      executor = try model.executor(.native, threads: 2)
    } catch let problems as DiagnosticList {
      guard problems.diagnostics.allSatisfy({ $0.severity == .unsupported }) else { throw problems }
      try Test.cancel("\(problems.diagnostics.map(\.message).joined(separator: "; "))")
    }
    let inputs = try inputs(of: model.graph, shapes)
    let expected = try Interpreter(model.graph).run(inputs)
    for (index, (a, b)) in zip(try executor.run(inputs), expected).enumerated() {
      let mismatch = ValueComparison.mismatch(a, b, .wholeNetwork)
      #expect(mismatch == nil, "output \(index)")
    }
  }

  /// Noise; symbolic dimensions without a shape of their own are 1, and integers stay below 100.
  private func inputs(of graph: Graph, _ shapes: [String: [Int]]) throws -> [Value] {
    var random = RandomTensors(seed: 3)
    return try graph.inputs.map { id in
      let type = try #require(graph.tensorType(id))
      let own = type.shape?.map { $0.evaluate { _ in 1 } ?? 1 }
      let tensor = random.tensor(type.element, shape: try #require(shapes[graph[id].name] ?? own))
      guard type.element.isInteger, type.element.bitWidth > 8 else { return .tensor(tensor) }
      return .tensor(
        Tensor(
          integers: (tensor.integers ?? []).map { $0 % 100 }, shape: tensor.shape,
          type: type.element))
    }
  }
}
