import Foundation
import IR
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
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-table-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let sketch = try problem.sketch(openness)
    let path = folder.appendingPathComponent("model.onnx").path
    try Exporter().export(sketch.graph, to: path)
    var options = CompileOptions()
    options.recordsRun = false
    let compiled = try Compiler(options).compile(try Model(contentsOf: path))
    let library = folder.appendingPathComponent("model.so").path
    _ = try ArtefactWriter().write(compiled, to: library)
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
