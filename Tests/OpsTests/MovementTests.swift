import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")
private let s = IndexExpr.symbol("S")

@Suite struct ReshapeTests {
  @Test(
    arguments: [
      ([n, 3, 4], [0, -1], "f32[N, 12]"),
      ([n, s, 768], [n, s, 12, 64], "f32[N, S, 12, 64]"),
      ([n, s, 12, 64], [n, s, -1], "f32[N, S, 768]"),
      ([n, s, 12, 64], [-1, 768], "f32[N * S, 768]"),
      ([n, s + 1, 4], [2, -1], "f32[2, 2 * N + 2 * N * S]"),
      ([n, 3], [-1, 2], "f32[floordiv(3 * N, 2), 2]"),
      ([2, 3, 4], [4, 6], "f32[4, 6]"),
      ([2, 0, 4], [0, 0, -1], "f32[2, 0, 4]"),
      ([1], [], "f32[]"),
    ] as [([IndexExpr], [IndexExpr], String)])
  func solvesDimensions(data: [IndexExpr], target: [IndexExpr], expected: String) throws {
    let found = try OperatorCase([.type(.f32, data), .contents(target)]).types(Reshape())
    #expect(found == [expected])
  }

  @Test(
    arguments: [
      ([2, 3], [4, -1]), ([2, 3], [7]), ([2, 3], [-1, -1]), ([2], [-2]), ([2], [1, 0]),
    ] as [([IndexExpr], [IndexExpr])])
  func refusesOtherCounts(data: [IndexExpr], target: [IndexExpr]) {
    let problem = OperatorCase([.type(.f32, data), .contents(target)])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(Reshape()) } == "shape.reshape")
  }

  @Test func leavesUnknownTargetsOpen() throws {
    #expect(
      try OperatorCase([.type(.f32, [n]), .type(.i64, [2])]).types(Reshape())
        == ["f32[n.0.0, n.0.1]"])
    #expect(try OperatorCase([.type(.f32, [n]), .type(.i64, [s])]).types(Reshape()) == ["f32[*]"])
    let unknown: [IndexExpr] = [n, .symbol("x") - 1]
    #expect(
      try OperatorCase([.unranked(.f32), .contents(unknown)]).types(Reshape()) == ["f32[N, x - 1]"])
  }

  @Test func keepsElements() throws {
    let data = counting(2, 3)
    #expect(try run(Reshape(), data, i64(3, -1))[0].shape == [3, 2])
    #expect(try run(Reshape(allowZero: true), counting(0, 3), i64(3, 0))[0].shape == [3, 0])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(Reshape(), data, i64(4)) }
        == "shape.reshape")
  }
}

@Suite struct RearrangementTests {
  @Test func transposes() throws {
    let result = try run(Transpose(), counting(2, 3))[0]
    #expect(result.shape == [3, 2])
    #expect(result.integers == [0, 3, 1, 4, 2, 5])
    let strings = Tensor(strings: ["a", "b", "c", "d"], shape: [2, 2])
    #expect(try run(Transpose(), strings)[0].strings == ["a", "c", "b", "d"])
    let packed = Tensor(integers: [1, -2, 3, -4, 5, -6], shape: [2, 3], type: .i4)
    #expect(try run(Transpose(permutation: [1, 0]), packed)[0].integers == [1, -4, -2, 5, 3, -6])
    let problem = OperatorCase([.type(.f32, [2, 3])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(Transpose(permutation: [0, 0]))
      }
        == "attribute.perm")
  }

  @Test func concatenates() throws {
    let result = try run(Concat(axis: -1), counting(2, 2), counting(2, 1))[0]
    #expect(result.integers == [0, 1, 0, 2, 3, 1])
    let symbolic = OperatorCase([.type(.f32, [n, 3]), .type(.f32, [4, s])])
    #expect(try symbolic.types(Concat(axis: 1)) == ["f32[4, S + 3]"])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try symbolic.types(Concat(axis: 2)) }
        == "attribute.axis")
  }

  @Test func concatenatesContents() {
    let joined = OperatorCase([.contents([n]), .constant(i64(-1, 768)), .contents([s * 2])])
    #expect(joined.contents(Concat(axis: 0)) == "[N, -1, 768, 2 * S]")
  }

  @Test func flattens() throws {
    let problem = OperatorCase([.type(.f32, [n, 3, s])])
    #expect(try problem.types(Flatten()) == ["f32[N, 3 * S]"])
    #expect(try problem.types(Flatten(axis: -1)) == ["f32[3 * N, S]"])
    #expect(try problem.types(Flatten(axis: 3)) == ["f32[3 * N * S, 1]"])
  }

  @Test func squeezesAndUnsqueezes() throws {
    let problem = OperatorCase([.type(.f32, [1, n, 1]), .constant(i64(-1))])
    #expect(try problem.types(Squeeze()) == ["f32[1, N]"])
    #expect(try OperatorCase([.type(.f32, [1, n, 1])]).types(Squeeze()) == ["f32[N]"])
    let two = OperatorCase([.type(.f32, [n]), .constant(i64(-1, 0))])
    #expect(try two.types(Unsqueeze()) == ["f32[1, N, 1]"])
    let twice = OperatorCase([.type(.f32, [n]), .constant(i64(2, -1))])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try twice.types(Unsqueeze()) } == "attribute.axis"
    )
  }

  @Test func readsShapes() throws {
    let problem = OperatorCase([.type(.f32, [n, 3, s])])
    #expect(problem.contents(Shape()) == "[N, 3, S]")
    #expect(problem.contents(Shape(start: -1)) == "[S]")
    #expect(problem.contents(Shape(start: 2, end: 1)) == "[]")
    #expect(problem.contents(Size()) == "[3 * N * S]")
    #expect(try run(Shape(end: -1), counting(2, 5))[0].integers == [2])
  }

  @Test func expands() throws {
    #expect(
      try run(Expand(), counting(2, 1), i64(3, 1, 2))[0].integers == [
        0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1,
      ])
    let problem = OperatorCase([.type(.f32, [1, 3]), .contents([n, 1, 1])])
    #expect(try problem.types(Expand()) == ["f32[N, 1, 3]"])
  }

  @Test func splits() throws {
    let parts = try run(Split(axis: 1, partCount: 2), counting(2, 3), outputCount: 2)
    #expect(parts[0].integers == [0, 1, 3, 4])
    #expect(parts[1].integers == [2, 5])
    let even = OperatorCase([.type(.f32, [n, 6])], outputCount: 3)
    #expect(try even.types(Split(axis: 1)) == ["f32[N, 2]", "f32[N, 2]", "f32[N, 2]"])
    let uneven = OperatorCase([.type(.f32, [5]), .constant(i64(2, 2))], outputCount: 2)
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try uneven.types(Split()) } == "shape.split")
  }
}

@Suite struct SliceTests {
  @Test(
    arguments: [
      (10, 2, 5, 1, [2, 3, 4]),
      (10, -3, Int.max, 1, [7, 8, 9]),
      (10, -1, Int.min, -4, [9, 5, 1]),
      (4, 100, -100, -1, [3, 2, 1, 0]),
      (4, -100, 2, 1, [0, 1]),
      (4, 3, 1, 1, []),
      (0, -1, Int.min, -1, []),
      (4, 0, 4, Int.max, [0]),
    ] as [(Int, Int, Int, Int, [Int])])
  func clamps(count: Int, start: Int, end: Int, step: Int, expected: [Int]) throws {
    let result = try run(Slice(), counting(count), i64(start), i64(end), nil, i64(step))[0]
    #expect(result.integers == expected)
    let inferred = OperatorCase([
      .type(.i32, [IndexExpr(count)]), .constant(i64(start)), .constant(i64(end)), .omitted,
      .constant(i64(step)),
    ])
    #expect(try inferred.types(Slice()) == ["i32[\(expected.count)]"])
  }

  @Test(
    arguments: [
      ([0], [IndexExpr(Int.max)], 1, "f32[N]"),
      ([0], [s], 1, "f32[min(S, N)]"),
      ([0], [n], 1, "f32[N]"),
      ([-1], [IndexExpr(Int.min)], -1, "f32[N]"),
      ([0], [IndexExpr(Int.max)], 2, "f32[floordiv(N + 1, 2)]"),
      ([.symbol("x") - s], [4], 1, "f32[n.0.0]"),
    ] as [([IndexExpr], [IndexExpr], Int, String)])
  func keepsSymbols(start: [IndexExpr], end: [IndexExpr], step: Int, expected: String) throws {
    let problem = OperatorCase([
      .type(.f32, [n]), .contents(start), .contents(end), .constant(i64(0)), .constant(i64(step)),
    ])
    #expect(try problem.types(Slice()) == [expected])
  }

  @Test func knowsPositiveSymbols() throws {
    let positive = IndexExpr(Symbol("P", minimum: 1))
    let problem = OperatorCase([
      .type(.f32, [positive, 3]), .constant(i64(-1)), .constant(i64(Int.max)), .constant(i64(0)),
    ])
    #expect(try problem.types(Slice()) == ["f32[1, 3]"])
  }
}

@Suite struct PaddingTests {
  private func pad(_ mode: String) throws -> Pad {
    var reader = AttributeReader(
      Attributes { $0.string("mode", mode) }, opset: 21, inputCount: 2, outputCount: 1)
    return try Pad(&reader)
  }

  @Test(arguments: [
    ("constant", [0, 0, 0, 1, 2, 0]), ("reflect", [1, 2, 1, 0, 1, 2, 1]),
    ("edge", [0, 0, 0, 1, 2, 2]), ("wrap", [1, 2, 0, 1, 2, 0]),
  ])
  func fillsTheBorder(mode: String, expected: [Int]) throws {
    let before = mode == "reflect" ? 3 : 2
    let result = try run(try pad(mode), counting(3), i64(before, 1))[0]
    #expect(result.integers == expected)
  }

  @Test func takesAwayAndFillsWithAValue() throws {
    let nine = Tensor(scalar: Int32(9))
    let result = try run(try pad("constant"), counting(2, 3), i64(-1, 1), nine, i64(-1))[0]
    #expect(result.integers == [1, 2, 9, 4, 5, 9])
    let problem = OperatorCase([.type(.f32, [n, 3]), .constant(i64(0, 0, 1, -4))])
    let op = try pad("constant")
    #expect(diagnosticID { () throws(Diagnostic) in _ = try problem.types(op) } == "shape.pad")
    let symbolic = OperatorCase([.type(.f32, [n, 3]), .contents([0, 1, s, 1])])
    #expect(try symbolic.types(op) == ["f32[N + S, 5]"])
  }

  @Test func tiles() throws {
    #expect(
      try run(Tile(), counting(1, 2), i64(2, 2))[0].integers == [0, 1, 0, 1, 0, 1, 0, 1])
    let problem = OperatorCase([.type(.f32, [n, 3]), .contents([2, s])])
    #expect(try problem.types(Tile()) == ["f32[2 * N, 3 * S]"])
  }
}
