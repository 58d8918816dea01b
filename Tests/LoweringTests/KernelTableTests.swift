import IR
import LLVMBackend
import Loops
import Lowering
import Martlet
import Tensors
import TestSupport
import Testing

/// Every row of a kernel table computes what the interpreter computes, whichever the cost model would take.
@Suite("kernel tables") struct KernelTableTests {
  private static func conv(_ x: [Int], _ w: [Int], _ attributes: [String: AttributeLiteral])
    -> OpProblem
  {
    OpProblem("Conv \(x)\(w) by every row", tolerance: .minimalFiltering) { g in
      [try g.node("Conv", [g.image(x), g.weight(w), g.weight([w[0]])], attributes)]
    }
  }

  private static let products: [OpProblem] = [
    OpProblem("MatMul by every row", tolerance: .minimalFiltering) { g in
      [try g.node("MatMul", [g.image([2, 29, 40]), g.weight([40, 116])])]
    },
    OpProblem("Gemm by every row", tolerance: .minimalFiltering) { g in
      [try g.node("Gemm", [g.image([13, 70]), g.weight([70, 64]), g.weight([64])])]
    },
  ]

  private static let problems: [OpProblem] = [
    conv([1, 32, 30, 29], [80, 32, 3, 3], ["pads": [1, 1, 1, 1]]),
    conv([1, 48, 9, 10], [64, 48, 1, 1], [:]),
    conv([2, 16, 15, 13], [48, 16, 3, 3], ["strides": [2, 2], "pads": [1, 1, 1, 1]]),
    conv([1, 32, 4, 9, 8], [32, 32, 3, 3, 3], ["pads": [1, 1, 1, 1, 1, 1]]),
  ]

  /// Problems with rows of at least a vector: columns in lanes claim them, too.
  private static let wide: [OpProblem] = [
    conv(
      [1, 5, 6, 7, 50], [5, 5, 3, 3, 3], ["pads": [2, 2, 2, 2, 2, 2], "dilations": [2, 2, 2]]),
    conv([2, 3, 11, 75], [7, 3, 5, 4], ["strides": [2, 2], "pads": [2, 1, 2, 2]]),
    conv([1, 1, 200], [1, 1, 33], ["strides": [3]]),
    conv([1, 32, 12, 40], [3, 32, 9, 9], ["pads": [4, 0, 0, 6]]),
    OpProblem("Conv, Relu, Conv, Add by every row", tolerance: .minimalFiltering) { g in
      let x = g.image([1, 4, 9, 37])
      let pads = ["pads": [1, 1, 1, 1]] as [String: AttributeLiteral]
      let a = try g.node("Conv", [x, g.weight([4, 4, 3, 3])], pads)
      let b = try g.node("Relu", [a])
      let c = try g.node("Conv", [b, g.weight([4, 4, 3, 3]), g.weight([4])], pads)
      return [try g.node("Add", [b, c])]
    },
  ]

  /// Bytes, exactly; enough filters for several shapes of tiles.
  private static let bytes = OpProblem.integerLayers.filter { problem in
    [
      "wide", "many channels", "strides", "pointwise", "volume", "filtered",
      "filtered, odd channels", "filtered, groups", "filtered, dilations",
    ].contains {
      problem.name.hasPrefix("ConvIntegerToFloat") && problem.name.hasSuffix("] \($0)")
    }
  }

  private static func lowered(
    _ graph: Graph, _ target: Loops.Target, rows: [String: String] = [:]
  ) throws -> (program: Program, choices: [KernelChoice]) {
    try GraphLowering.lowered(graph, for: target, options: LoweringOptions(rows: rows))
  }

  @Test("agree with the interpreter", arguments: problems + products + wide + bytes)
  func agrees(problem: OpProblem) throws {
    let target = Loops.Target.native()
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 21)
    let expected = try Engines.expected(sketch.graph, inputs)
    let choice = try #require(try Self.lowered(sketch.graph, target).choices.first)
    #expect(choice.rows.count > 1)
    #expect(choice.rows.first?.name == choice.chosen)
    for row in choice.rows {
      let rows = [choice.problem: row.name]
      let taken = try #require(try Self.lowered(sketch.graph, target, rows: rows).choices.first)
      #expect(taken.chosen == row.name)
      var database = TuningDatabase()
      database.processors[target.cpu] = [choice.problem: .init(row: row.name, ratio: 1)]
      var code = CodeOptions()
      code.tuning = database
      for threads in [1, 2] {
        let found = try NativeExecutor(sketch.graph, threads: threads, target: target, code: code)
          .run(inputs)
        let mismatch = problem.mismatch(found, expected)
        #expect(mismatch == nil, "\(row.name), \(threads) threads")
      }
    }
  }

  @Test("pairs of bf16 agree within their rounding", arguments: problems)
  func rounded(problem: OpProblem) throws {
    let target = Loops.Target.native()
    guard target.hasPairDot else {
      print("skipped: \(problem): this processor multiplies no pairs of bf16")
      return
    }
    let sketch = try problem.sketch(.fixed)
    let inputs = sketch.inputs(growth: 0, seed: 22)
    let expected = try Engines.expected(sketch.graph, inputs)
    let options = LoweringOptions(precision: .bf16)
    let choice = try #require(
      try GraphLowering.lowered(sketch.graph, for: target, options: options).choices.first)
    let rows = choice.rows.filter { $0.name.contains("bf16") }
    #expect(!rows.isEmpty)
    for row in rows {
      var code = CodeOptions()
      code.precision = .bf16
      var database = TuningDatabase()
      database.processors[target.cpu] = [choice.problem: .init(row: row.name, ratio: 1)]
      code.tuning = database
      let found = try NativeExecutor(sketch.graph, threads: 1, target: target, code: code)
        .run(inputs)
      for (a, b) in zip(found, expected) {
        #expect(Tolerance.wholeRoundedNetwork.compare(a, b).mismatch == nil, "\(row.name)")
        // Rounded operands leave a trace: a row that computes in f32 would be closer.
        #expect(Tolerance.minimalFiltering.compare(a, b).mismatch != nil, "\(row.name)")
      }
    }
  }

  @Test("few filters have their columns in lanes", arguments: wide)
  func planar(problem: OpProblem) throws {
    let graph = try problem.sketch(.fixed).graph
    let choices = try Self.lowered(graph, .x86v4).choices
    #expect(choices.allSatisfy { $0.chosen.contains("planar") }, "\(choices.map(\.chosen))")
  }

  @Test("minimal filtering of bytes only where it is exact")
  func filteredBytes() throws {
    func isFiltered(_ what: String) throws -> Bool {
      let problem = try #require(
        OpProblem.integerLayers.first { $0.name.hasSuffix("] \(what)") })
      let graph = try problem.sketch(.fixed).graph
      let choice = try #require(try Self.lowered(graph, .x86v4vnni).choices.first)
      return choice.rows.contains { $0.name.contains("winograd") }
    }
    #expect(try isFiltered("filtered"))
    #expect(try !isFiltered("sums beyond 25 bits"))
  }

  @Test("a row that is not there is not taken")
  func unknownRow() throws {
    let target = Loops.Target.x86v3
    let graph = try Self.problems[0].sketch(.fixed).graph
    let usual = try #require(try Self.lowered(graph, target).choices.first)
    let asked = try Self.lowered(graph, target, rows: [usual.problem: "conv_f32_none__256"])
    #expect(asked.choices.first?.chosen == usual.chosen)
  }
}
