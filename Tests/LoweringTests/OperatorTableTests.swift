import Diagnostics
import LLVMBackend
import Loops
import Lowering
import Martlet
import TestSupport
import Testing

/// Every row of the operator table on every engine, held against the interpreter.
@Suite("operator table") struct OperatorTableTests {
  @Test("compiled as it is, on one and two threads", arguments: OpProblem.all)
  func native(problem: OpProblem) throws {
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 7)
    let expected = try Engines.expected(sketch.graph, inputs)
    let found = try Engines.native(sketch.graph).run(inputs)
    #expect(problem.mismatch(found, expected) == nil)
    let shared = try Engines.native(sketch.graph, threads: 2).run(inputs)
    #expect(shared.isIdentical(to: found), "two threads give other bits than one")
  }

  @Test("compiled through the passes", arguments: OpProblem.all)
  func optimized(problem: OpProblem) throws {
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 8)
    let expected = try Engines.expected(sketch.graph, inputs)
    let found = try Engines.native(try Engines.optimized(sketch.graph)).run(inputs)
    #expect(problem.mismatch(found, expected) == nil)
  }

  @Test(
    "compiled for x86-64-v2, v3 and v4", arguments: OpProblem.all, Engines.targets)
  func target(problem: OpProblem, target: Loops.Target) throws {
    if !target.runsHere { try Test.cancel("this machine cannot run \(target)") }
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 9)
    let expected = try Engines.expected(sketch.graph, inputs)
    let graph = try Engines.optimized(sketch.graph)
    let found = try Engines.native(graph, target: target).run(inputs)
    #expect(problem.mismatch(found, expected) == nil)
  }

  @Test(
    "one session, symbolic shapes, two sizes",
    arguments: [Openness.batch, .open, .one].flatMap { openness in
      OpProblem.all.filter { $0.opens.contains(openness) }.map { ($0, openness) }
    })
  func symbolic(problem: OpProblem, openness: Openness) throws {
    let sketch = try problem.sketch(openness)
    let executor = try Engines.native(try Engines.optimized(sketch.graph))
    for growth in openness.growths {
      let inputs = sketch.inputs(growth: growth, seed: 10)
      let expected = try Engines.expected(sketch.graph, inputs)
      let found = try executor.run(inputs)
      #expect(problem.mismatch(found, expected) == nil, "sizes grown by \(growth)")
    }
  }

  @Test("loop interpreter, every access checked", arguments: OpProblem.all)
  func loops(problem: OpProblem) throws {
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 11)
    let expected = try Engines.expected(sketch.graph, inputs)
    let graph = try Engines.optimized(sketch.graph)
    let program = try Engines.program(graph, for: .x86v3)
    let found = try ProgramRunner.run(program, inputs)
    #expect(problem.mismatch(found, expected) == nil)
  }

  @Test(
    "loop interpreter, every access of matrix registers checked",
    arguments: OpProblem.integerLayers + OpProblem.transposedIntegerLayers)
  func matrixLoops(problem: OpProblem) throws {
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 12)
    let expected = try Engines.expected(sketch.graph, inputs)
    let graph = try Engines.optimized(sketch.graph)
    let program = try Engines.program(graph, for: .x86v4amx)
    let found = try ProgramRunner.run(program, inputs)
    #expect(problem.mismatch(found, expected) == nil)
  }
}
