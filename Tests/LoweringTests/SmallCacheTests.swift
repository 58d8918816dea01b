import LLVMBackend
import Loops
import Lowering
import Martlet
import TestSupport
import Testing

/// Schedules that depend on the cache, on problems that are small beside a real one.
@Suite("small caches") struct SmallCacheTests {
  /// This machine with caches that hold next to nothing.
  private static let target: Loops.Target = {
    let native = Loops.Target.native()
    return Loops.Target(
      name: "native", triple: native.triple, cpu: native.cpu, features: native.features,
      requirements: native.requirements, level1ByteCount: 4 << 10, level2ByteCount: 96 << 10)
  }()

  /// Convolutions whose weights and inputs are larger than the cache.
  private static let large: [OpProblem] = [
    .large("pointwise", [1, 160, 13, 14], [512, 160, 1, 1], [:]),
    .large("pointwise, images", [2, 160, 9, 7], [512, 160, 1, 1], [:]),
    .large(
      "strides", [1, 64, 23, 25], [144, 64, 3, 3], ["strides": [2, 2], "pads": [1, 1, 1, 1]]),
    .large(
      "volume", [1, 64, 3, 21, 20], [80, 64, 2, 3, 3],
      ["strides": [1, 2, 1], "pads": [0, 1, 1, 1, 1, 1]]),
  ]

  @Test(
    "agree with the interpreter",
    arguments: large + OpProblem.minimalFiltering + OpProblem.largeProducts)
  func agrees(problem: OpProblem) throws {
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 12)
    let expected = try Engines.expected(sketch.graph, inputs)
    let found = try Engines.native(sketch.graph, target: Self.target).run(inputs)
    #expect(problem.mismatch(found, expected) == nil)
    let shared = try Engines.native(sketch.graph, threads: 2, target: Self.target).run(inputs)
    #expect(shared.isIdentical(to: found), "two threads give other bits than one")
  }

  @Test("deep products sum in sweeps where rows do not fit")
  func sweeps() throws {
    let kernels = try OpProblem.largeProducts.map { problem in
      let program = try Engines.program(problem.sketch(.fixed).graph, for: Self.target)
      return program.steps.count { program.kernels[$0.kernel].name.hasPrefix("matmul") }
    }
    // Whole vectors of columns and the rest, for each sweep.
    #expect(kernels == [2, 4, 4])
  }

  @Test("rows are met in slabs where neither weights nor inputs fit")
  func slabs() throws {
    let sketch = try Self.large[0].sketch(.fixed)
    let program = try Engines.program(sketch.graph, for: Self.target)
    let conv = try #require(program.kernels.first { $0.name.hasPrefix("conv") })
    // Slabs and panels are shared by threads, and rows of a slab are a loop inside.
    #expect(conv.parallelLoops.count == 2)
    guard case .loop(let rows) = conv.parallelLoops[1].body[0] else {
      Issue.record("a slab has no loop over its rows")
      return
    }
    #expect(rows.kind == .serial)
  }
}

extension OpProblem {
  fileprivate static func large(
    _ what: String, _ x: [Int], _ w: [Int], _ attributes: [String: AttributeLiteral]
  ) -> OpProblem {
    OpProblem("Conv \(x)\(w) \(what)", tolerance: .minimalFiltering) { g in
      [try g.node("Conv", [g.image(x), g.weight(w), g.weight([w[0]])], attributes)]
    }
  }
}
