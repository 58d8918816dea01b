import Diagnostics
import Foundation
import IR
import LLVMBackend
import Loops
import Lowering
import Martlet
import ONNXFrontend
import Ops
import Tensors
import TestSupport
import Testing

/// Branches and loops as compiled code, against the reference.
@Suite("regions") struct RegionTests {
  struct Problem: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    /// Inputs of several runs of one session.
    let runs: [[Tensor]]
  }

  static let branch = Problem(
    testDescription: "branches of unequal shape, nested, with constants",
    text: """
      graph @g(%c: bool[], %d: bool[], %x: f32[N, 2]) {
        %t = Neg(%x)
        %r = If(%c, %d, %t, %x) {captures = 3,
          then_branch = graph @a(%d: bool[], %t: f32[N, 2], %x: f32[N, 2]) {
            %k = constant f32[1, 2] [10.0, 20.0]
            %s = If(%d, %t, %x) {captures = 2,
              then_branch = graph @b(%p: f32[N, 2], %q: f32[N, 2]) {
                %k = constant f32[1, 2] [1.0, 2.0]
                %s = Concat(%p, %q, %k) {axis = 0}
                return %s
              }, else_branch = graph @c(%p: f32[N, 2], %q: f32[N, 2]) {
                %s = Mul(%p, %q)
                return %s
              }}
            %u = Add(%s, %k)
            return %u
          }, else_branch = graph @d(%d: bool[], %t: f32[N, 2], %x: f32[N, 2]) {
            %u = Identity(%x)
            return %u
          }}
        %y = Relu(%r)
        return %y, %t
      }
      """,
    runs: [(true, true, 3), (true, false, 3), (false, true, 4), (true, true, 1)].map {
      [Tensor(scalar: $0), Tensor(scalar: $1), ramp($2, 2)]
    })

  static let growing = Problem(
    testDescription: "a loop whose values grow",
    text: """
      graph @g(%m: i64[], %k: bool[], %v: f32[1], %step: f32[S]) {
        %last, %all = Loop(%m, %k, %v, %step) {captures = 1,
          body = graph @b(%i: i64[], %c: bool[], %x: f32[L], %s: f32[S]) {
            %next = Concat(%x, %s) {axis = 0}
            %sum = ReduceSum(%next) {keepdims = 0}
            %go = Identity(%c)
            return %go, %next, %sum
          }}
        %y = Neg(%last)
        return %y, %all
      }
      """,
    runs: [(3, true, 1), (0, true, 2), (100, true, 2), (5, false, 2), (2, true, 3)].map {
      [Tensor(scalar: Int64($0)), Tensor(scalar: $1), ramp(1), ramp($2)]
    })

  static let searching = Problem(
    testDescription: "a loop that ends by its condition, inside a loop",
    text: """
      graph @g(%m: i64[], %v: i64[2]) {
        %sum, %found = Loop(%m, _, %v) {body = graph @b(%i: i64[], %c: bool[], %x: i64[2]) {
          %k = constant bool[] true
          %last, %runs = Loop(_, %k, %x, %i) {captures = 1,
            body = graph @d(%j: i64[], %e: bool[], %y: i64[2], %i: i64[]) {
              %two = constant i64[] 2
              %limit = constant i64[] 200
              %z = Mul(%y, %two)
              %w = Add(%z, %i)
              %most = ReduceMax(%w) {keepdims = 0}
              %go = Less(%most, %limit)
              return %go, %w, %most
            }}
          %steps = Size(%runs)
          %go = Identity(%c)
          return %go, %x, %steps
        }}
        return %sum, %found
      }
      """,
    runs: [[Tensor(scalar: Int64(4)), Tensor([Int64(1), 3], shape: [2])]])

  static let scanning = Problem(
    testDescription: "a scan of open length, backwards and along other axes",
    text: """
      graph @g(%s: f32[2], %x: f32[2, T], %w: f32[2]) {
        %last, %all = Scan(%s, %x, %w) {num_scan_inputs = 1, scan_input_axes = [1], captures = 1,
          scan_input_directions = [1], scan_output_axes = [1], scan_output_directions = [1],
          body = graph @b(%a: f32[2], %b: f32[2], %w: f32[2]) {
            %m = Mul(%b, %w)
            %c = Add(%a, %m)
            return %c, %c
          }}
        return %last, %all
      }
      """,
    runs: [3, 1, 70].map { [ramp(2), ramp(2, $0), ramp(2)] })

  private static func ramp(_ shape: Int...) -> Tensor {
    Tensor((0..<shape.elementCount).map { Float($0) * 0.5 - 1 }, shape: shape)
  }

  static let swapping = Problem(
    testDescription: "a loop that swaps what it carries",
    text: """
      graph @g(%m: i64[], %x: f32[3], %y: f32[3]) {
        %k = constant bool[] true
        %p, %q = Loop(%m, %k, %x, %y) {
          body = graph @b(%i: i64[], %c: bool[], %a: f32[3], %b: f32[3]) {
            %go = Identity(%c)
            return %go, %b, %a
          }}
        %n = Neg(%p)
        return %n, %q
      }
      """,
    runs: [0, 1, 2, 5].map {
      [Tensor(scalar: Int64($0)), ramp(3), Tensor([Float(7), 8, 9], shape: [3])]
    })

  static let squeezing = Problem(
    testDescription: "branches of unequal rank and what depends on it",
    text: """
      graph @g(%x: f32[N, 3, M], %w: f32[3]) {
        %s = Shape(%x)
        %k = constant i64[1] [2]
        %d = Gather(%s, %k)
        %one = constant i64[1] [1]
        %c = Equal(%d, %one)
        %e = Exp(%w)
        %y = If(%c, %x) {captures = 1,
          then_branch = graph @a(%x: f32[N, 3, M]) {
            %k = constant i64[1] [2]
            %y = Squeeze(%x, %k)
            return %y
          }, else_branch = graph @b(%x: f32[N, 3, M]) {
            %y = Neg(%x)
            return %y
          }}
        %t = Shape(%y)
        %rank = Size(%t)
        %two = constant i64[] 2
        %flat = Equal(%rank, %two)
        %z = If(%flat, %y, %e) {captures = 2,
          then_branch = graph @d(%y: f32[*], %e: f32[3]) {
            %z = Add(%y, %e)
            return %z
          }, else_branch = graph @f(%y: f32[*], %e: f32[3]) {
            %axes = constant i64[1] [2]
            %z = ReduceMax(%y, %axes) {keepdims = 0}
            return %z
          }}
        %r = Relu(%z)
        return %r, %e
      }
      """,
    runs: [(2, 1), (2, 4), (1, 3), (3, 1)].map { [ramp($0, 3, $1), ramp(3)] })

  static let all = [branch, growing, searching, scanning, swapping, squeezing]

  private func graph(_ problem: Problem) throws -> Graph {
    try Parser.parse(problem.text, operators: OpCatalog.standard).graph
  }

  @Test(arguments: all, [1, 2])
  func codeInMemory(_ problem: Problem, threads: Int) throws {
    let graph = try graph(problem)
    let executor = try NativeExecutor(graph, threads: threads)
    for inputs in problem.runs {
      let expected = try graph.evaluate(inputs.map { .tensor($0) }).compactMap(\.tensor)
      let found = try executor.run(inputs)
      #expect(found.map(\.shape) == expected.map(\.shape))
      for (a, b) in zip(found, expected) {
        #expect(Tolerance.oneOperator(b.type).compare(a, b).mismatch == nil)
      }
    }
  }

  @Test("a library of the graph after all passes, written to a file before", arguments: all)
  func library(_ problem: Problem) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-regions-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let graph = try graph(problem)
    let path = folder.appendingPathComponent("model.onnx").path
    try Exporter().export(graph, to: path)
    var options = CompileOptions()
    options.recordsRun = false
    let compiled = try Compiler(options).compile(try Model(contentsOf: path))
    let library = folder.appendingPathComponent("model.so").path
    _ = try ArtefactWriter().write(compiled, to: library)
    let artefact = try Artefact(library, threads: 1)
    for inputs in problem.runs {
      let values = inputs.map { Value.tensor($0) }
      let expected = try graph.evaluate(values).compactMap(\.tensor)
      let found = try artefact.run(values).compactMap(\.tensor)
      #expect(found.map(\.shape) == expected.map(\.shape))
      for (a, b) in zip(found, expected) {
        #expect(Tolerance.oneOperator(b.type).compare(a, b).mismatch == nil)
      }
    }
  }

  @Test(arguments: all)
  func programsAreValid(_ problem: Problem) throws {
    let program = try GraphLowering.lower(try graph(problem), for: .native())
    #expect(program.verify().isEmpty)
  }

  @Test func aBranchThatDoesNotFitRefusesWhenItRuns() throws {
    let text = """
      graph @g(%c: bool[], %x: f32[2, 3]) {
        %r = If(%c, %x) {captures = 1,
          then_branch = graph @a(%x: f32[N, N]) {
            %y = MatMul(%x, %x)
            return %y
          }, else_branch = graph @b(%x: f32[2, 3]) {
            %y = Relu(%x)
            return %y
          }} : f32[*, *]
        return %r
      }
      """.replacing("f32[*, *]", with: "f32[A, B]")
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let executor = try NativeExecutor(graph)
    let x = Tensor([Float(1), -2, 3, -4, 5, -6], shape: [2, 3])
    #expect(try executor.run([Tensor(scalar: false), x])[0].doubles == [1, 0, 3, 0, 5, 0])
    let failure = #expect(throws: Diagnostic.self) {
      try executor.run([Tensor(scalar: true), x])
    }
    #expect(failure?.message.contains("r") ?? false)
    // The session is none the worse for it.
    #expect(try executor.run([Tensor(scalar: false), x])[0].doubles == [1, 0, 3, 0, 5, 0])
  }

  /// Sequences among inputs and outputs: code for each number and shape of their elements.
  @Test func sequencesInAndOut() throws {
    let text = """
      graph @g(%s: seq(f32[N]), %o: optional(f32[2]), %x: f32[2]) {
        %has = OptionalHasElement(%o)
        %t = SequenceMap(%s, %x) {body = graph @b(%e: f32[N], %x: f32[2]) {
          %r = Mul(%e, %x)
          return %r
        }}
        %u = SequenceInsert(%t, %x)
        %p = Optional(%u)
        %n = SequenceLength(%u)
        return %u, %p, %has, %n
      }
      """
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let executor = try UnrollingExecutor.executor(for: graph)
    let x = Value.tensor(Self.ramp(2))
    let forms: [[Value]] = [
      [.sequence([x, x]), .optional(x), x], [.sequence([]), .optional(nil), x],
      [.sequence([.tensor(Self.ramp(1)), x]), .optional(x), x],
    ]
    for inputs in forms + forms {
      let expected = try graph.evaluate(inputs)
      let found = try executor.run(inputs)
      for (a, b) in zip(found, expected) {
        #expect(ValueComparison.mismatch(a, b, .exact) == nil)
      }
    }
  }

  @Test func sequencesWhoseLengthFollowsFromDataAreNamed() throws {
    let text = """
      graph @g(%x: f32[6], %f: f32[]) {
        %n = Cast(%f) {to = 7}
        %s = SplitToSequence(%x, %n)
        return %s
      }
      """
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let executor = try UnrollingExecutor.executor(for: graph)
    let failure = #expect(throws: Diagnostic.self) {
      try executor.run([.tensor(Self.ramp(6)), .tensor(Tensor(scalar: Float(2)))])
    }
    #expect(failure?.id == "lowering.sequence")
  }

  /// Runs a graph for several inputs on one executor, which makes code as it needs it.
  private func unroll(
    _ text: String, _ runs: [[Tensor]], _ knowledge: UnrollingExecutor.Knowledge
  ) throws {
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let executor = try UnrollingExecutor.executor(for: graph)
    for run in runs + runs {
      let inputs = run.map { Value.tensor($0) }
      let expected = try graph.evaluate(inputs)
      for (a, b) in zip(try executor.run(inputs), expected) {
        #expect(ValueComparison.mismatch(a, b, .exact) == nil)
      }
    }
    #expect((executor as? UnrollingExecutor)?.knowledge == knowledge)
  }

  @Test func codeIsMadeForValuesThatDecideLengths() throws {
    let text = """
      graph @g(%x: f32[6], %n: i64[], %at: i64[]) {
        %s = SplitToSequence(%x, %n)
        %y = SequenceAt(%s, %at)
        %z = Neg(%y)
        return %s, %z
      }
      """
    let runs = [(2, 0), (2, 2), (3, 1), (4, -1)].map { length, place in
      [Self.ramp(6), Tensor(scalar: Int64(length)), Tensor(scalar: Int64(place))]
    }
    try unroll(text, runs, .values)
  }

  @Test func codeIsMadeForSizesThatDecideIt() throws {
    let text = """
      graph @g(%x: f32[N]) {
        %n = constant i64[] 2
        %s = SplitToSequence(%x, %n)
        return %s
      }
      """
    let runs = [6, 3].map { [Self.ramp($0)] }
    try unroll(text, runs, .sizes)
  }

  @Test func stringsAreScalarsInCode() throws {
    let text = """
      graph @g(%a: string[N], %b: string[1]) {
        %y = StringConcat(%a, %b)
        %same = Equal(%y, %a)
        %n = StringNormalizer(%y) {case_change_action = "UPPER", stopwords = ["Ä!"]}
        return %y, %same, %n
      }
      """
    let runs = [["", "ä"], ["日本語と長い文字列", "b", "ß"]].flatMap { words in
      ["", "!"].map { end in
        [Tensor(strings: words, shape: [words.count]), Tensor(strings: [end], shape: [1])]
      }
    }
    try unroll(text, runs, .forms)
  }

  @Test func sizesOfComputedShapesAreDefined() throws {
    let text = """
      graph @g(%x: f32[N, 1], %shape: i64[3], %target: i64[2]) {
        %one = constant i64[] 1
        %wide = Add(%shape, %one)
        %e = Expand(%x, %wide)
        %t = Add(%target, %one)
        %r = Reshape(%e, %t)
        %y = Neg(%r)
        return %e, %y
      }
      """
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let executor = try NativeExecutor(graph)
    // One less than the wanted sizes: -1 copies a size, -2 takes what is left.
    for (shape, target) in [([1, 0, 4], [-2, 4]), ([0, 2, 2], [2, -2]), ([2, 0, 0], [-1, 2])] {
      let inputs = [
        Self.ramp(3, 1), Tensor(shape.map { Int64($0) }, shape: [3]),
        Tensor(target.map { Int64($0) }, shape: [2]),
      ].map { Value.tensor($0) }
      for (a, b) in zip(try executor.run(inputs), try graph.evaluate(inputs)) {
        #expect(ValueComparison.mismatch(a, b, .exact) == nil)
      }
    }
  }
}
