import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")
private let s = IndexExpr.symbol("S")

@Suite struct MatrixTests {
  @Test(
    arguments: [
      ([n, 12, s, 64], [n, 12, 64, s], "f32[N, 12, S, S]"),
      ([3], [3], "f32[]"), ([3], [5, 3, 4], "f32[5, 4]"), ([5, 2, 3], [3], "f32[5, 2]"),
      ([1, 2, 3], [7, 1, 3, 4], "f32[7, 1, 2, 4]"),
    ] as [([IndexExpr], [IndexExpr], String)])
  func matMulShapes(a: [IndexExpr], b: [IndexExpr], expected: String) throws {
    #expect(try OperatorCase([.type(.f32, a), .type(.f32, b)]).types(MatMul()) == [expected])
  }

  @Test(
    arguments: [([2, 3], [4, 5], "shape.inner"), ([], [3], "shape.rank")]
      as [([IndexExpr], [IndexExpr], String)])
  func matMulRefuses(a: [IndexExpr], b: [IndexExpr], id: String) {
    let problem = OperatorCase([.type(.f32, a), .type(.f32, b)])
    #expect(diagnosticID { () throws(Diagnostic) in _ = try problem.types(MatMul()) } == id)
  }

  @Test func integersWrap() throws {
    let a = Tensor([Int32.max, 1], shape: [1, 2])
    let b = Tensor([Int32(2), 5], shape: [2, 1])
    #expect(try run(MatMul(), a, b)[0].array(of: Int32.self) == [3])
  }

  @Test func panelsAgreeWithTheDefinition() throws {
    let a = Tensor((0..<3 * 70 * 131).map { Float($0 % 9) - 4 }, shape: [3, 70, 131])
    let b = Tensor((0..<131 * 50).map { Float($0 % 11) - 5 }, shape: [131, 50])
    let fast = try run(MatMul(), a, b)[0]
    let exact = try run(
      MatMul(), Tensor(a.doubles, shape: a.shape), Tensor(b.doubles, shape: b.shape))[0]
    #expect(fast.doubles == exact.doubles)
  }

  @Test(arguments: [false, true], [false, true])
  func gemmTransposes(transA: Bool, transB: Bool) throws {
    let a = Tensor([Float(1), 2, 3, 4], shape: [2, 2])
    let b = Tensor([Float(5), 6, 7, 8], shape: [2, 2])
    let op = Gemm(alpha: 2, beta: 0.5, transA: transA, transB: transB)
    let expected: [Float] =
      switch (transA, transB) {
      case (false, false): [19, 22, 43, 50]
      case (true, false): [26, 30, 38, 44]
      case (false, true): [17, 23, 39, 53]
      case (true, true): [23, 31, 34, 46]
      }
    let y = try run(op, a, b, Tensor([Float(2), 4], shape: [2]))[0].array(of: Float.self)
    #expect(y == zip(expected, [1, 2, 1, 2] as [Float]).map { 2 * $0 + $1 })
  }

  @Test func gemmRefusesGrowingBias() {
    let problem = OperatorCase([
      .type(.f32, [2, 3]), .type(.f32, [3, 1]), .type(.f32, [2, 4]),
    ])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(Gemm()) } == "shape.broadcast")
  }

  @Test func determinants() throws {
    let x = Tensor([0.0, 2, 3, 4, 1, 2, 2, 4], shape: [2, 2, 2])
    #expect(try run(Det(), x)[0].doubles == [-6, 0])
  }
}

@Suite struct EinsumTests {
  @Test(
    arguments: [
      ("bij,bjk->bik", [[n, 2, s], [n, s, 4]], "f32[N, 2, 4]"),
      ("ij", [[3, 2]], "f32[3, 2]"), ("ba", [[3, 2]], "f32[2, 3]"), ("ii", [[3, 3]], "f32[]"),
      ("...ij,...jk->...ik", [[5, n, 2, 3], [3, 4]], "f32[5, N, 2, 4]"),
    ] as [(String, [[IndexExpr]], String)])
  func shapes(equation: String, inputs: [[IndexExpr]], expected: String) throws {
    let problem = OperatorCase(inputs.map { .type(.f32, $0) })
    #expect(try problem.types(Einsum(equation: equation)) == [expected])
  }

  @Test(arguments: ["ij->k", "i?", "ij,jk->ik", "ijk->i", "ij->ii"])
  func refuses(equation: String) {
    let problem = OperatorCase([.type(.f32, [2, 2])])
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try problem.types(Einsum(equation: equation))
      } == "attribute.equation")
  }

  @Test func tracesAndDiagonals() throws {
    #expect(try run(Einsum(equation: "ii->i"), counting(3, 3))[0].integers == [0, 4, 8])
    #expect(try run(Einsum(equation: "ii"), counting(3, 3))[0].integers == [12])
    #expect(
      try run(Einsum(equation: "i,j->ij"), counting(2), counting(3))[0].integers
        == [0, 0, 0, 0, 1, 2])
  }
}
