import Diagnostics
import Foundation
import IR
import Loops
import Martlet
import ONNXFrontend
import Ops
import Tensors
import TestSupport
import Testing

/// Artefacts with code for some sizes beside that for all.
@Suite("sizes with code of their own") struct SpecialisationTests {
  private static let text = """
    graph @g(%x: f32[N, 3, H, H], %s: f32[N]) {
      %w = constant f32[8, 3, 3, 3] splat(0.25)
      %c = Conv(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
      %r = Relu(%c)
      %m = ReduceMean(%r) {keepdims = 0}
      %y = Mul(%s, %m)
      return %y
    }
    """

  private func model() throws -> Model {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString).onnx").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Exporter().export(
      try Parser.parse(Self.text, operators: OpCatalog.standard).graph, to: path)
    return try Model(contentsOf: path)
  }

  private func inputs(_ batch: Int, _ side: Int) -> [Tensor] {
    [[batch, 3, side, side], [batch]].map { shape in
      Tensor((0..<shape.elementCount).map { Float($0 % 7) - 2 }, shape: shape)
    }
  }

  @Test func runBesideTheOpenProgram() throws {
    let model = try model()
    var options = CompileOptions()
    options.recordsRun = false
    options.specialisations = [
      [.init(name: "N", dimensions: [1]), .init(name: "H", dimensions: [8])],
      [.init(name: "x", dimensions: [2, 3, 16, 16])],
    ]
    let compiled = try Compiler(options).compile(model)
    let program = try #require(compiled.variants.first).program
    #expect(program.specialised.map(\.inputSymbols) == [[], []])
    #expect(program.specialised.allSatisfy { $0.arenaByteCount != nil })
    #expect(program.verify().isEmpty)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString).so").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try ArtefactWriter().write(compiled, to: path)
    let artefact = try Artefact(path, threads: 1)
    for (batch, side) in [(1, 8), (2, 16), (3, 5), (1, 8), (1, 9)] {
      let inputs = inputs(batch, side)
      let expected = try model.graph.evaluate(inputs.map { .tensor($0) }).compactMap(\.tensor)
      let found = try artefact.run(inputs.map { .tensor($0) }).compactMap(\.tensor)
      for (a, b) in zip(found, expected) {
        #expect(Tolerance.oneOperator(b.type).compare(a, b).mismatch == nil)
      }
    }
  }

  @Test func leaveNothingOpen() throws {
    var options = CompileOptions()
    options.specialisations = [[.init(name: "N", dimensions: [1])]]
    let failure = #expect(throws: Diagnostic.self) { try Compiler(options).compile(try model()) }
    #expect(failure?.id == "shape.specialisation")
  }
}
