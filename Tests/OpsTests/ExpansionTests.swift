import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// Operators that come down to others, and sequences that disappear.
@Suite struct ExpansionTests {
  /// The graph of `text` before and after; both are valid and compute the same.
  private func expanded(_ text: String, _ inputs: Tensor...) throws -> Graph {
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    var expanded = graph
    try expanded.expandComposed()
    #expect(Verifier.verify(expanded).diagnostics == [])
    #expect(expanded.outputs.map { expanded[$0].name } == graph.outputs.map { graph[$0].name })
    let values = inputs.map { Value.tensor($0) }
    let before = try graph.evaluate(values).compactMap(\.tensor)
    let after = try expanded.evaluate(values).compactMap(\.tensor)
    #expect(before.count == graph.outputs.count)
    for (a, b) in zip(after, before) {
      #expect(Tolerance.oneOperator(b.type).compare(a, b).mismatch == nil)
    }
    return expanded
  }

  private func names(_ graph: Graph) -> Set<String> {
    Set(graph.nodeIDs.map { graph[$0].opName })
  }

  private func ramp(_ shape: Int...) -> Tensor {
    Tensor((0..<shape.elementCount).map { Float($0) * 0.25 - 1 }, shape: shape)
  }

  @Test func shortLoopsAreWrittenOut() throws {
    let graph = try expanded(
      """
      graph @g(%v: f32[2]) {
        %m = constant i64[] 3
        %last, %all = Loop(%m, _, %v) {body = graph @b(%i: i64[], %c: bool[], %x: f32[2]) {
          %f = Cast(%i) {to = 1}
          %y = Add(%x, %f)
          %go = Identity(%c)
          return %go, %y, %x
        }}
        return %last, %all
      }
      """, ramp(2))
    #expect(!names(graph).contains("Loop"))
    #expect(graph.outputs.map { graph[$0].type.description } == ["f32[2]", "f32[3, 2]"])
  }

  @Test func longScansBecomeLoops() throws {
    let text = """
      graph @g(%s: f32[2], %x: f32[2, 100]) {
        %last, %all = Scan(%s, %x) {num_scan_inputs = 1, scan_input_axes = [1],
          scan_input_directions = [1], scan_output_axes = [1], scan_output_directions = [1],
          body = graph @b(%a: f32[2], %b: f32[2]) {
            %c = Add(%a, %b)
            return %c, %c
          }}
        return %last, %all
      }
      """
    let graph = try expanded(text, ramp(2), ramp(2, 100))
    #expect(names(graph).contains("Loop"))
    #expect(!names(graph).contains("Scan"))
  }

  @Test func conditionsThatAreKnownChoose() throws {
    let graph = try expanded(
      """
      graph @g(%x: f32[2, 3]) {
        %n = Size(%x)
        %six = constant i64[] 6
        %c = Equal(%n, %six)
        %y = If(%c, %x) {captures = 1, then_branch = graph @t(%x: f32[2, 3]) {
          %y = Identity(%x)
          return %x
        }, else_branch = graph @e(%x: f32[2, 3]) {
          %y = Neg(%x)
          return %y
        }}
        return %y
      }
      """, ramp(2, 3))
    #expect(names(graph).isSubset(of: ["Identity"]))
  }

  @Test func sequencesOfKnownLengthDisappear() throws {
    let graph = try expanded(
      """
      graph @g(%x: f32[N, 3], %w: f32[N]) {
        %s = SplitToSequence(%x) {axis = 1, keepdims = 0}
        %t = SequenceMap(%s, %w) {body = graph @b(%e: f32[N], %w: f32[N]) {
          %r = Mul(%e, %w)
          return %r
        }}
        %m = SequenceLength(%t)
        %empty = SequenceEmpty()
        %all = Loop(%m, _, %empty, %t) {captures = 1,
          body = graph @l(%i: i64[], %c: bool[], %q: seq(f32[*]), %t: seq(f32[N])) {
            %front = constant i64[] 0
            %e = SequenceAt(%t, %i)
            %r = SequenceInsert(%q, %e, %front)
            %go = Identity(%c)
            return %go, %r
          }}
        %rest = SequenceErase(%all)
        %o = Optional(%rest)
        %has = OptionalHasElement(%o)
        %p = OptionalGetElement(%o)
        %y = ConcatFromSequence(%p) {axis = 0, new_axis = 1}
        return %y, %has
      }
      """, ramp(4, 3), ramp(4))
    for id in graph.valueIDs { #expect(graph.tensorType(id)?.shape != nil) }
    #expect(graph.outputs.map { graph[$0].type.description } == ["f32[2, N]", "bool[]"])
  }

  @Test func lengthsThatFollowFromDataStay() throws {
    let graph = try expanded(
      """
      graph @g(%x: f32[N]) {
        %s = SplitToSequence(%x)
        %y = ConcatFromSequence(%s) {axis = 0}
        return %y
      }
      """, ramp(4))
    #expect(names(graph) == ["SplitToSequence", "ConcatFromSequence"])
  }

  @Test func transformsAsProducts() throws {
    for (attributes, axis) in [("", 1), ("onesided = 1", 0), ("inverse = 1", -2)] {
      let graph = try expanded(
        """
        graph @g(%x: f32[6, 5, 2]) {
          %axis = constant i64[] \(axis)
          %y = DFT(%x, _, %axis) \(attributes.isEmpty ? "" : "{\(attributes)}")
          return %y
        }
        """, ramp(6, 5, 2))
      #expect(names(graph).contains("MatMul"))
    }
    _ = try expanded(
      """
      graph @g(%x: f32[2, 20, 1], %w: f32[8]) {
        %step = constant i64[] 3
        %y = STFT(%x, %step, %w)
        return %y
      }
      """, ramp(2, 20, 1), ramp(8))
    _ = try expanded(
      """
      graph @g(%x: f32[2, 20], %w: f32[8]) {
        %step = constant i64[] 3
        %y = STFT(%x, %step, %w)
        return %y
      }
      """, ramp(2, 20), ramp(8))
  }

  @Test func framesLongerThanAnOpenSignalAreRefused() throws {
    let text = """
      graph @g(%x: f32[1, N, 1], %w: f32[8]) {
        %step = constant i64[] 3
        %y = STFT(%x, %step, %w)
        return %y
      }
      """
    let graph = try expanded(text, ramp(1, 8, 1), ramp(8))
    #expect(throws: Diagnostic.self) {
      try graph.evaluate([.tensor(ramp(1, 7, 1)), .tensor(ramp(8))])
    }
  }

  @Test func transformsAlongAnAxisThatIsGiven() throws {
    for axis in [0, 1, -2] {
      _ = try expanded(
        """
        graph @g(%x: f32[3, 5, 1], %axis: i64[]) {
          %y = DFT(%x, _, %axis)
          return %y
        }
        """, ramp(3, 5, 1), Tensor(scalar: Int64(axis)))
    }
  }

  @Test func gramsByComparison() throws {
    let x = Tensor([Int64(1), 2, 3, 1, 2, 2, 5, 1], shape: [2, 4])
    for mode in ["TF", "IDF", "TFIDF"] {
      let graph = try expanded(
        """
        graph @g(%x: i64[2, 4]) {
          %y = TfIdfVectorizer(%x) {mode = "\(mode)", min_gram_length = 1, max_gram_length = 2,
            max_skip_count = 2, ngram_counts = [0, 2], ngram_indexes = [0, 2, 1, 3],
            pool_int64s = [1, 2, 1, 2, 2, 1], weights = [0.5, 2.0, 3.0, 4.0]}
          return %y
        }
        """, x)
      #expect(!names(graph).contains("TfIdfVectorizer"))
    }
  }

  @Test func dropoutDrawsWhatItsSeedSays() throws {
    for (ratio, trains) in [(Float(0.5), true), (0.25, true), (0, true), (0.5, false)] {
      _ = try expanded(
        """
        graph @g(%x: f32[3, 7], %r: f32[], %t: bool[]) {
          %y, %m = Dropout(%x, %r, %t) {seed = 3}
          return %y, %m
        }
        """, ramp(3, 7), Tensor(scalar: ratio), Tensor(scalar: trains))
    }
  }
}

/// Functions of the standard against numbers that other formulas give.
@Suite struct FunctionTests {
  private func results(_ text: String, _ inputs: [Tensor]) throws -> [[Double]] {
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    return try graph.evaluate(inputs.map { .tensor($0) }).map { $0.tensor?.doubles ?? [] }
  }

  @Test func causalConvolutionCarriesItsState() throws {
    let text = """
      graph @g(%x: f32[1, 1, 3], %w: f32[1, 1, 2], %p: f32[1, 1, 1]) {
        %y, %s = CausalConvWithState(%x, %w, _, %p)
        return %y, %s
      }
      """
    let x = Tensor([Float(1), 2, 3], shape: [1, 1, 3])
    let w = Tensor([Float(10), 1], shape: [1, 1, 2])
    let p = Tensor([Float(5)], shape: [1, 1, 1])
    #expect(try results(text, [x, w, p]) == [[51, 12, 23], [3]])
  }

  /// One head of size one: the state is the decaying sum of products of keys and values.
  @Test func linearAttentionSumsUp() throws {
    let text = """
      graph @g(%q: f32[1, 2, 1], %k: f32[1, 2, 1], %v: f32[1, 2, 1], %g: f32[1, 2, 1]) {
        %y, %s = LinearAttention(%q, %k, %v, _, %g) {q_num_heads = 1, kv_num_heads = 1, update_rule = "gated"}
        return %y, %s
      }
      """
    func pair(_ a: Float, _ b: Float) -> Tensor { Tensor([a, b], shape: [1, 2, 1]) }
    let found = try results(text, [pair(1, 2), pair(3, 4), pair(5, 6), pair(0, 0)])
    #expect(found == [[15, 78], [39]])
  }

  @Test func linearAttentionRefusesWhatItsRuleDoesNotUse() throws {
    let text = """
      graph @g(%q: f32[1, 2, 1]) {
        %y, %s = LinearAttention(%q, %q, %q, _, %q) {q_num_heads = 1, kv_num_heads = 1, update_rule = "linear"}
        return %y, %s
      }
      """
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try Parser.parse(text, operators: OpCatalog.standard)
      } == "type.unused-input")
  }

  /// With a score of minus infinity for the second key only the first value counts.
  @Test func scoresMayBeChanged() throws {
    let text = """
      graph @g(%q: f32[1, 1, 1, 2], %k: f32[1, 1, 2, 2], %m: f32[1, 1, 1, 2]) {
        %y = ai.onnx.preview.FlexAttention(%q, %k, %k, %m) {captures = 1,
          score_mod = graph @s(%s: f32[1, 1, 1, 2], %m: f32[1, 1, 1, 2]) {
            %t = Add(%s, %m)
            return %t
          }}
        return %y
      }
      """
    let q = Tensor([Float(1), 2], shape: [1, 1, 1, 2])
    let k = Tensor([Float(1), 2, 3, 4], shape: [1, 1, 2, 2])
    let mask = Tensor([Float(0), -.infinity], shape: [1, 1, 1, 2])
    #expect(try results(text, [q, k, mask]) == [[1, 2]])
  }

  @Test func optimizersTakeOneStep() throws {
    let one = { (value: Float) in Tensor([value], shape: [1]) }
    let rate = Tensor(scalar: Float(0.5))
    let count = Tensor(scalar: Int64(0))
    func step(_ op: String, _ kept: Int) -> String {
      let names = (0..<kept).map { "%k\($0)" }
      let inputs = names.map { ", \($0): f32[1]" }.joined()
      return """
        graph @g(%r: f32[], %t: i64[], %x: f32[1], %g: f32[1]\(inputs)) {
          %y, \(names.map { "\($0).new" }.joined(separator: ", ")) = ai.onnx.preview.training.\(op.prefix { $0 != " " })(%r, %t, %x, %g, \(names.joined(separator: ", "))) \(op.drop { $0 != " " })
          return %y, \(names.map { "\($0).new" }.joined(separator: ", "))
        }
        """
    }
    let momentum =
      "Momentum {alpha = 0.5, beta = 0.25, norm_coefficient = 0.0, mode = \"standard\"}"
    #expect(
      try results(step(momentum, 1), [rate, count, one(3), one(2), one(4)]) == [[1], [4]])
    let nesterov = momentum.replacing("standard", with: "nesterov")
    #expect(
      try results(step(nesterov, 1), [rate, count, one(3), one(2), one(4)]) == [[1], [4]])
    let adagrad = "Adagrad {epsilon = 0.0}"
    #expect(
      try results(step(adagrad, 1), [rate, count, one(3), one(4), one(9)])
        == [[2.6], [25]].map {
          $0.map { Double(Float($0)) }
        })
    let adam = "Adam {alpha = 0.5, beta = 0.5, epsilon = 0.0}"
    #expect(
      try results(step(adam, 2), [rate, count, one(3), one(2), one(6), one(28)]) == [
        [2.5], [4], [16],
      ])
  }
}
