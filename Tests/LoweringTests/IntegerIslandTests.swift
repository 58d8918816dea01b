import IR
import LLVMBackend
import Loops
import Martlet
import Ops
import Tensors
import TestSupport
import Testing

/// Quantized models are computed on integers, and every engine gives the bytes of their reference.
@Suite("islands of integers") struct IntegerIslandTests {
  private static let targets: [Loops.Target] =
    Engines.targets + [.native()] + [.x86v4amx].filter { $0.runsHere }

  @Test(
    "every instruction set gives the reference's bytes", arguments: OpProblem.integerIslands,
    targets)
  func target(problem: OpProblem, target: Loops.Target) throws {
    if !target.runsHere { try Test.cancel("this machine cannot run \(target)") }
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 9)
    let expected = try Engines.expected(try sketch.graph.reference(), inputs)
    let graph = try Engines.optimized(sketch.graph)
    for threads in [1, 2] {
      let found = try Engines.native(graph, threads: threads, target: target).run(inputs)
      #expect(problem.mismatch(found, expected) == nil, "\(threads) threads")
    }
  }

  @Test("sizes that are open", arguments: OpProblem.integerIslands)
  func symbolic(problem: OpProblem) throws {
    let sketch = try problem.sketch(.batch)
    let executor = try Engines.native(try Engines.optimized(sketch.graph))
    let reference = try sketch.graph.reference()
    for growth in Openness.batch.growths {
      let inputs = sketch.inputs(growth: growth, seed: 10)
      let expected = try Engines.expected(reference, inputs)
      #expect(problem.mismatch(try executor.run(inputs), expected) == nil, "grown by \(growth)")
    }
  }

  @Test("no layer is computed in floats", arguments: OpProblem.integerIslands)
  func integers(problem: OpProblem) throws {
    let graph = try problem.sketch(.fixed).graph.reference()
    let floats = graph.nodeIDs.map { graph[$0] }.filter { node in
      node.op is Conv || node.op is ConvTranspose || node.op is MatMul || node.op is Gemm
    }
    #expect(floats.map(\.name) == [])
  }

  @Test("nothing is multiplied element by element", arguments: OpProblem.integerIslands)
  func tiles(problem: OpProblem) throws {
    let graph = try Engines.optimized(try problem.sketch(.fixed).graph)
    for target in [Loops.Target.x86v2, .x86v4vnni, .x86v4amx] {
      let notes = try Engines.program(graph, for: target).steps.map(\.note)
      #expect(notes.filter { $0.hasPrefix("element by element") } == [])
    }
  }

  @Test("averages read bytes")
  func readsBytes() throws {
    let problem = try #require(OpProblem.integerIslands.first { $0.name == "averages" })
    let graph = try Engines.optimized(try problem.sketch(.fixed).graph)
    let program = try Engines.program(graph, for: .x86v4vnni)
    // The graph's outputs are floats, and small; what is between two kernels is not.
    let floats = program.kernels.flatMap(\.parameters).filter {
      $0.isWritten && $0.buffer.element == .f32
        && $0.buffer.shape.compactMap(\.value).reduce(1, *) >= 600
    }
    #expect(floats.isEmpty)
  }
}
