import Diagnostics
import IR
import Ops
import Tensors
import Testing

private func parsed(_ text: String) throws -> Graph {
  try Parser.parse(text, operators: OpCatalog.standard).graph
}

/// Runs the graph in `text` and returns the doubles of its outputs.
private func results(_ text: String, _ inputs: Tensor...) throws -> [[Double]] {
  try parsed(text).evaluate(inputs.map { .tensor($0) }).map { $0.tensor?.doubles ?? [] }
}

private func outputTypes(_ text: String) throws -> [String] {
  let graph = try parsed(text)
  return graph.outputs.map { graph[$0].type.description }
}

@Suite struct ControlTests {
  private static let unequalBranches = """
    graph @g(%c: bool[], %x: f32[N, 2], %y: f32[N, 3]) {
      %r = If(%c, %x, %y) {captures = 2,
        then_branch = graph @t(%p: f32[N, 2], %q: f32[N, 3]) {
          %s = Relu(%p)
          return %s
        }, else_branch = graph @e(%p: f32[N, 2], %q: f32[N, 3]) {
          %s = Neg(%q)
          return %s
        }}
      return %r
    }
    """

  @Test func branchesOfUnequalShape() throws {
    #expect(try outputTypes(Self.unequalBranches) == ["f32[N, r.0.1]"])
    let x = Tensor([Float(-1), 2], shape: [1, 2])
    let y = Tensor([Float(1), 2, 3], shape: [1, 3])
    #expect(try results(Self.unequalBranches, Tensor(scalar: true), x, y) == [[0, 2]])
    #expect(try results(Self.unequalBranches, Tensor(scalar: false), x, y) == [[-1, -2, -3]])
  }

  @Test func textReadsBack() throws {
    let text = Printer.print(try parsed(Self.unequalBranches))
    #expect(Printer.print(try parsed(text)) == text)
    #expect(Verifier.verify(try parsed(text)).isEmpty)
  }

  @Test func regionsThatTheirArgumentsDoNotFit() throws {
    let text = Self.unequalBranches.replacing("@e(%p: f32[N, 2]", with: "@e(%p: f32[N, 4]")
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try Parser.parse(text, operators: OpCatalog.standard)
      } == "region.input-type")
    let missing = Self.unequalBranches.replacing(
      "@t(%p: f32[N, 2], %q: f32[N, 3])", with: "@t(%p: f32[N, 2])")
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try Parser.parse(missing, operators: OpCatalog.standard)
      } == "region.inputs")
  }

  /// Doubles `x`, which grows by one element in each run, and collects its first element.
  private static let growing = """
    graph @g(%m: i64[], %k: bool[], %v: f32[1], %step: f32[1]) {
      %last, %all = Loop(%m, %k, %v, %step) {captures = 1,
        body = graph @b(%i: i64[], %c: bool[], %x: f32[L], %s: f32[1]) {
          %next = Concat(%x, %s) {axis = 0}
          %sum = ReduceSum(%next) {keepdims = 0}
          %go = Identity(%c)
          return %go, %next, %sum
        }}
      return %last, %all
    }
    """

  @Test func carriedValuesChangeTheirShape() throws {
    let one = Tensor([Float(1)], shape: [1])
    let two = Tensor([Float(2)], shape: [1])
    let found = try results(Self.growing, Tensor(scalar: Int64(3)), Tensor(scalar: true), one, two)
    #expect(found == [[1, 2, 2, 2], [3, 5, 7]])
    #expect(try outputTypes(Self.growing) == ["f32[last.0.0]", "f32[last.1.0]"])
  }

  @Test func loopsThatNeverRun() throws {
    let one = Tensor([Float(1)], shape: [1])
    let yes = Tensor(scalar: true)
    #expect(
      try results(Self.growing, Tensor(scalar: Int64(0)), yes, one, one) == [[1], []])
    #expect(
      try results(Self.growing, Tensor(scalar: Int64(5)), Tensor(scalar: false), one, one) == [
        [1], [],
      ])
  }

  @Test func loopsEndByTheirCondition() throws {
    let found = try results(
      """
      graph @g(%v: i64[]) {
        %k = constant bool[] true
        %last, %runs = Loop(_, %k, %v) {body = graph @b(%i: i64[], %c: bool[], %x: i64[]) {
          %two = constant i64[] 2
          %limit = constant i64[] 20
          %next = Mul(%x, %two)
          %go = Less(%next, %limit)
          return %go, %next, %i
        }}
        return %last, %runs
      }
      """, Tensor(scalar: Int64(3)))
    #expect(found == [[24], [0, 1, 2]])
  }

  @Test func scansAlongAxesAndBackwards() throws {
    let text = """
      graph @g(%s: f32[2], %x: f32[2, T]) {
        %last, %all = Scan(%s, %x) {num_scan_inputs = 1, scan_input_axes = [-1],
          scan_input_directions = [1], scan_output_axes = [1],
          body = graph @b(%a: f32[2], %b: f32[2]) {
            %c = Add(%a, %b)
            return %c, %c
          }}
        return %last, %all
      }
      """
    let x = Tensor([Float(1), 2, 3, 10, 20, 30], shape: [2, 3])
    let s = Tensor([Float(0), 100], shape: [2])
    #expect(try results(text, s, x) == [[6, 160], [3, 5, 6, 130, 150, 160]])
    #expect(try outputTypes(text) == ["f32[2]", "f32[2, T]"])
  }

  @Test func sequencesOfABatchHaveLengths() throws {
    let text = """
      graph @g(%n: i64[2], %s: f32[2, 1], %x: f32[2, 3, 1]) {
        %last, %all = martlet.BatchedScan(%n, %s, %x) {num_scan_inputs = 1,
          body = graph @b(%a: f32[1], %b: f32[1]) {
            %c = Add(%a, %b)
            return %c, %c
          }}
        return %last, %all
      }
      """
    let x = Tensor([Float(1), 2, 3, 10, 20, 30], shape: [2, 3, 1])
    let s = Tensor([Float(0), 0], shape: [2, 1])
    #expect(try results(text, i64(3, 1), s, x) == [[6, 10], [1, 3, 6, 10, 0, 0]])
  }
}

@Suite struct SequenceOperatorTests {
  /// Cuts a vector into single elements, changes the sequence, and joins it again.
  private func joined(_ change: String, _ x: Tensor) throws -> [[Double]] {
    try results(
      """
      graph @g(%x: f32[N]) {
        %s = SplitToSequence(%x)
        \(change)
        %y = ConcatFromSequence(%t) {axis = 0}
        %n = SequenceLength(%t)
        return %y, %n
      }
      """, x)
  }

  private let x = Tensor([Float(1), 2, 3], shape: [3])

  @Test func elementsComeAndGo() throws {
    #expect(try joined("%t = Identity(%s)", x) == [[1, 2, 3], [3]])
    #expect(try joined("%t = SequenceErase(%s)", x) == [[1, 2], [2]])
    #expect(try joined("%t = SequenceInsert(%s, %x)", x) == [[1, 2, 3, 1, 2, 3], [4]])
    #expect(
      try joined("%p = constant i64[] -3\n%t = SequenceInsert(%s, %x, %p)", x) == [
        [1, 2, 3, 1, 2, 3], [4],
      ])
    #expect(
      try joined("%p = constant i64[] 1\n%t = SequenceErase(%s, %p)", x) == [[1, 3], [2]])
  }

  @Test func positionsThatDoNotExist() {
    for change in [
      "%p = constant i64[] 3\n%t = SequenceErase(%s, %p)",
      "%p = constant i64[] 4\n%t = SequenceInsert(%s, %x, %p)",
      "%p = constant i64[] -4\n%e = SequenceAt(%s, %p)\n%t = SequenceConstruct(%e)",
    ] {
      #expect(throws: Diagnostic.self) { try joined(change, x) }
    }
  }

  @Test func mapsEveryElement() throws {
    #expect(
      try joined(
        """
        %t = SequenceMap(%s, %x) {body = graph @b(%e: f32[1], %w: f32[N]) {
          %r = Mul(%e, %w)
          return %r
        }}
        """, x) == [[1, 2, 3, 2, 4, 6, 3, 6, 9], [3]])
  }

  @Test func typesOfUnequalElements() throws {
    #expect(
      try outputTypes(
        """
        graph @g(%a: f32[2, 3], %b: f32[2, 4], %p: i64[]) {
          %s = SequenceConstruct(%a, %b)
          %e = SequenceAt(%s, %p)
          return %s, %e
        }
        """) == ["seq(f32[2, element.1])", "f32[2, e.0.1]"])
  }

  @Test func optionals() throws {
    #expect(
      try results(
        """
        graph @g(%x: f32[2]) {
          %full = Optional(%x)
          %empty = Optional() {type = type f32[2]}
          %a = OptionalHasElement(%full)
          %b = OptionalHasElement(%empty)
          %c = OptionalHasElement()
          %y = OptionalGetElement(%full)
          return %a, %b, %c, %y
        }
        """, Tensor([Float(1), 2], shape: [2])) == [[1], [0], [0], [1, 2]])
    #expect(
      throws: Diagnostic.self,
      performing: {
        try OptionalGetElement().evaluate([.optional(nil)], outputCount: 1)
      })
  }
}
