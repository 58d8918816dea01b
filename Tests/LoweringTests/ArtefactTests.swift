import Foundation
import IR
import LLVMBackend
import Loops
import Martlet
import ONNXFrontend
import Testing

/// A handful of rows of the operator table by way of a file: exported as ONNX, compiled to a library, loaded, run.
@Suite("operator table, ahead of time", .serialized) struct ArtefactTests {
  private static let names: Set = [
    "conv, relu, residual", "squeeze and excitation", "matmul, bias, gelu", "attention head",
    "classifier head", "concat, relu, conv",
  ]

  @Test(
    "a library gives the bits of the code in memory",
    arguments: OpProblem.all.filter { names.contains($0.name) }, [Openness.fixed, .open])
  func library(problem: OpProblem, openness: Openness) throws {
    let sketch = try problem.sketch(openness)
    try withLibrary(of: sketch.graph, for: ["native"]) { library in
      let artefact = try Artefact(library, threads: 1)
      let executor = try Engines.native(try Engines.optimized(sketch.graph))
      for growth in openness.growths {
        let inputs = sketch.inputs(growth: growth, seed: 12)
        let found = try artefact.run(inputs.map { .tensor($0) }).compactMap(\.tensor)
        #expect(problem.mismatch(found, try Engines.expected(sketch.graph, inputs)) == nil)
        #expect(found.isIdentical(to: try executor.run(inputs)))
      }
    }
  }

  @Test(
    "every variant of a library gives the bits of its code in memory",
    arguments: OpProblem.all.filter { variantNames.contains($0.name) })
  func variants(problem: OpProblem) throws {
    let targets = Engines.targets.filter(\.runsHere)
    if targets.isEmpty { try Test.cancel("this machine runs no x86-64") }
    let sketch = try problem.sketch(.open)
    try withLibrary(of: sketch.graph, for: targets.map(\.name)) { library in
      #expect(try Artefact(library).variant == targets.max { $1.isBetter(than: $0) }?.name)
      for target in targets {
        let artefact = try Artefact(library, threads: 1, variant: target.name)
        #expect(artefact.variant == target.name)
        #expect(Set(artefact.metadata.variants) == Set(targets.map(\.name)))
        let executor = try Engines.native(try Engines.optimized(sketch.graph), target: target)
        for growth in Openness.open.growths {
          let inputs = sketch.inputs(growth: growth, seed: 12)
          let found = try artefact.run(inputs.map { .tensor($0) }).compactMap(\.tensor)
          #expect(problem.mismatch(found, try Engines.expected(sketch.graph, inputs)) == nil)
          #expect(found.isIdentical(to: try executor.run(inputs)))
        }
      }
    }
  }

  private static let variantNames: Set = ["conv, relu, residual", "matmul, bias, gelu"]

  /// Calls `body` with the path of a library of the graph.
  private func withLibrary(
    of graph: Graph, for targets: [String], _ body: (String) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-table-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("model.onnx").path
    try Exporter().export(graph, to: path)
    var options = CompileOptions()
    options.recordsRun = false
    options.targets = targets
    let compiled = try Compiler(options).compile(try Model(contentsOf: path))
    let library = folder.appendingPathComponent("model.so").path
    _ = try ArtefactWriter().write(compiled, to: library)
    try body(library)
  }
}
