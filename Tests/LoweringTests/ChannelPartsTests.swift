import Diagnostics
import IR
import LLVMBackend
import Loops
import Lowering
import TestSupport
import Testing

/// Concatenations and splits that are to cost nothing.
@Suite("channels side by side") struct ChannelPartsTests {
  private static func problem(_ name: String) throws -> OpProblem {
    try #require(OpProblem.channelParts.first { $0.name.hasSuffix(name) })
  }

  @Test(
    "are computed in place",
    arguments: ["grown layer by layer", "nested", "a skip connection", "all in blocks"])
  func copiesNothing(name: String) throws {
    let sketch = try Self.problem(name).sketch(.fixed)
    let program = try Engines.program(sketch.graph, for: .native())
    #expect(!program.kernels.contains { $0.name.hasPrefix("concat") })
    #expect(program.buffers.contains { if case .part = $0.kind { true } else { false } })
    #expect(program.verify().isEmpty)
  }

  @Test("are views where they are split or cut off", arguments: ["a slice of blocks"])
  func movesNothing(name: String) throws {
    let sketch = try Self.problem(name).sketch(.fixed)
    let program = try Engines.program(sketch.graph, for: .native())
    #expect(!program.kernels.contains { $0.name.hasPrefix("move") })
  }

  @Test("are read block by block where they lie, shuffled and split")
  func shufflesNothing() throws {
    let sketch = try Self.problem("a shuffle and a split within blocks").sketch(.fixed)
    let program = try Engines.program(Engines.optimized(sketch.graph), for: .native())
    let families = Set(program.kernels.map { $0.name.prefix { $0 != "_" } })
    // Copies are of few channels; the first reorder is of the input, the last of the outputs.
    #expect(families.isSubset(of: ["conv", "depthwise", "gather", "halo", "reorder"]))
    let reordered = program.steps.filter { $0.label.hasPrefix("reorder") }.map(\.label)
    #expect(reordered.count <= 1 + program.outputs.count)
    #expect(program.verify().isEmpty)
  }
}
