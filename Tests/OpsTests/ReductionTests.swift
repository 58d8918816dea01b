import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")
private let matrix = Tensor([Float(1), -2, 3, 4, 5, -6], shape: [2, 3])

private let known: [(any TensorOp, rows: [Double], all: Double)] = [
  (ReduceSum(), [2, 3], 5), (ReduceMean(), [2.0 / 3, 1], 5.0 / 6), (ReduceMax(), [3, 5], 5),
  (ReduceMin(), [-2, -6], -6), (ReduceProd(), [-6, -120], 720), (ReduceL1(), [6, 15], 21),
  (ReduceL2(), [3.7416573867739413, 8.774964387392123], 9.539392014169456),
  (ReduceSumSquare(), [14, 77], 91),
  (ReduceLogSum(), [0.6931471805599453, 1.0986122886681098], 1.6094379124341003),
  (ReduceLogSumExp(), [3.1328452337275756, 5.313273897365323], 5.420326756010547),
]

@Suite struct ReductionTests {
  @Test(arguments: known.indices)
  func hasKnownValues(index: Int) throws {
    let (op, rows, all) = known[index]
    for (type, tolerance) in [(ElementType.f64, 1e-9), (.f32, 1e-6), (.f16, 2e-3)] {
      let x = Tensor(doubles: matrix.doubles, shape: [2, 3], type: type)
      let byRow = try op.evaluate(Operands([x, i64(-1)]))[0]
      #expect(byRow.shape == [2, 1] && byRow.type == type)
      for (found, expected) in zip(byRow.doubles, rows) {
        #expect((found - expected).magnitude <= tolerance * max(1, expected.magnitude), "\(op)")
      }
      // The other order of axes walks the accumulators instead of the row.
      let turned = Tensor(
        doubles: [0, 3, 1, 4, 2, 5].map { matrix.doubles[$0] }, shape: [3, 2], type: type)
      #expect(try op.evaluate(Operands([turned, i64(0)]))[0].doubles == byRow.doubles)
      let whole = try op.evaluate(Operands([x]))[0]
      #expect(whole.shape == [1, 1])
      #expect((whole.doubles[0] - all).magnitude <= tolerance * max(1, all.magnitude), "\(op)")
    }
  }

  @Test func isExactOnIntegers() throws {
    let x = Tensor([Int64.max, 1, -7, 2], shape: [2, 2])
    #expect(try run(ReduceSum(), x, i64(1))[0].integers == [.min, -5])
    #expect(try run(ReduceMean(), x, i64(1))[0].integers == [Int.min / 2, -2])
    #expect(try run(ReduceL1(), x, i64(1))[0].integers == [.min, 9])
    let unsigned = Tensor([UInt64.max, 3], shape: [2])
    #expect(try run(ReduceMax(), unsigned)[0].array(of: UInt64.self) == [.max])
    #expect(try run(ReduceMin(), unsigned)[0].array(of: UInt64.self) == [3])
    let flags = Tensor([true, false, false, false], shape: [2, 2])
    #expect(try run(ReduceMax(), flags, i64(1))[0].array(of: Bool.self) == [true, false])
    #expect(try run(ReduceMin(), flags, i64(0))[0].array(of: Bool.self) == [false, false])
  }

  @Test func reducesNothing() throws {
    let empty = Tensor([Float](), shape: [2, 0])
    #expect(try run(ReduceSum(), empty, i64(1))[0].doubles == [0, 0])
    #expect(try run(ReduceProd(), empty, i64(1))[0].doubles == [1, 1])
    #expect(try run(ReduceMax(), empty, i64(1))[0].doubles == [-.infinity, -.infinity])
    #expect(try run(ReduceMin(), Tensor([Int8](), shape: [0]))[0].integers == [127])
    #expect(try run(ReduceMean(), empty, i64(1))[0].doubles[0].isNaN)
    #expect(try run(ReduceLogSumExp(), empty, i64(1))[0].doubles == [-.infinity, -.infinity])
    #expect(try run(ReduceSum(), empty, i64(0))[0].shape == [1, 0])
  }

  @Test func takesMissingAxesAsAllOrNone() throws {
    let none = ReductionForm(emptyMeansNone: true)
    #expect(try run(ReduceSumSquare(form: none), matrix)[0].doubles == [1, 4, 9, 16, 25, 36])
    #expect(try run(ReduceSum(form: none), matrix, i64())[0].shape == [2, 3])
    let dropped = ReductionForm(keepsDimensions: false)
    #expect(try run(ReduceSum(form: dropped), matrix)[0].shape == [])
    #expect(try run(ReduceSum(), Tensor(scalar: Float(3)))[0].doubles == [3])
  }

  @Test func logSumExpStaysFinite() throws {
    let x = Tensor([Float(1000), 1000, -.infinity, -.infinity], shape: [2, 2])
    let y = try run(ReduceLogSumExp(), x, i64(1))[0].doubles
    #expect((y[0] - 1000.6931).magnitude < 1e-3 && y[1] == -.infinity)
    let odd = Tensor([Float.infinity, 1, .nan, 1], shape: [2, 2])
    let z = try run(ReduceLogSumExp(), odd, i64(1))[0].doubles
    #expect(z[0] == .infinity && z[1].isNaN)
  }

  @Test func infersShapes() throws {
    let x = OperatorCase.Input.type(.f32, [n, 3, 4])
    #expect(
      try OperatorCase([x, .constant(i64(0, -1))]).types(ReduceSum()) == ["f32[1, 3, 1]"])
    let dropped = ReduceMax(form: ReductionForm(keepsDimensions: false))
    #expect(try OperatorCase([x, .constant(i64(1))]).types(dropped) == ["f32[N, 4]"])
    #expect(try OperatorCase([x]).types(dropped) == ["f32[]"])
    #expect(
      try OperatorCase([x, .type(.i64, [2])]).types(dropped) == ["f32[n.0.0]"])
    for (axes, id) in [(i64(3), "attribute.axis"), (i64(1, -2), "attribute.repeated-axis")] {
      let problem = OperatorCase([x, .constant(axes)])
      #expect(diagnosticID { () throws(Diagnostic) in _ = try problem.types(dropped) } == id)
    }
  }

  @Test func movesAxesOfOlderForms() throws {
    var node = ImportedNode(
      name: "r", domain: "", op: "ReduceSum", opset: 11, inputs: [.value("x")], outputs: ["y"],
      attributes: Attributes { $0.ints("axes", [1, 2]) })
    try ReduceSum.upgrade(&node)
    guard node.inputs.count == 2, case .constant(let axes) = node.inputs[1] else {
      Issue.record("axes did not become an input")
      return
    }
    #expect(axes.integers == [1, 2] && node.attributes.isEmpty)
  }

  @Test func foldsShapes() {
    let shape = OperatorCase([.contents([n, 3, 4])])
    #expect(shape.contents(ReduceProd()) == "[12 * N]")
    #expect(shape.contents(ReduceSum()) == "[N + 7]")
    #expect(OperatorCase([.contents([n]), .type(.i64, [1])]).contents(ReduceProd()) == nil)
  }
}

@Suite struct ArgReductionTests {
  private let x = Tensor([Float(2), 7, 7, 1, 1, 0], shape: [2, 3])

  @Test func findsPlaces() throws {
    let columns = ArgReductionForm(axis: 1, keepsDimension: false)
    #expect(try run(ArgMax(form: columns), x)[0].integers == [1, 0])
    #expect(try run(ArgMin(form: ArgReductionForm(axis: -1)), x)[0].shape == [2, 1])
    #expect(
      try run(ArgMax(form: ArgReductionForm(axis: 1, selectsLast: true)), x)[0].integers == [2, 1])
    #expect(try run(ArgMax(form: ArgReductionForm()), x)[0].integers == [0, 0, 0])
  }

  @Test func findsTheFirstNaN() throws {
    let odd = Tensor([Float(1), .nan, 9, .nan], shape: [4])
    #expect(try run(ArgMax(form: ArgReductionForm()), odd)[0].integers == [1])
    #expect(try run(ArgMin(form: ArgReductionForm()), odd)[0].integers == [1])
  }

  @Test func infersShapes() throws {
    let problem = OperatorCase([.type(.u8, [n, 0, 2])])
    #expect(try problem.types(ArgMax(form: ArgReductionForm(axis: 2))) == ["i64[N, 0, 1]"])
    for (axis, id) in [(1, "shape.empty-axis"), (3, "attribute.axis"), (-4, "attribute.axis")] {
      #expect(
        diagnosticID { () throws(Diagnostic) in
          _ = try problem.types(ArgMin(form: ArgReductionForm(axis: axis)))
        } == id)
    }
  }
}

@Suite struct CumulationTests {
  private let x = Tensor([Int32(1), 2, 3, 4, 5, 6], shape: [2, 3])

  @Test func accumulates() throws {
    #expect(try run(CumSum(form: CumulationForm()), x, i64(1))[0].integers == [1, 3, 6, 4, 9, 15])
    #expect(try run(CumSum(form: CumulationForm()), x, i64(-2))[0].integers == [1, 2, 3, 5, 7, 9])
    let back = CumulationForm(isExclusive: true, isReversed: true)
    #expect(try run(CumSum(form: back), x, i64(1))[0].integers == [5, 3, 0, 11, 6, 0])
    #expect(try run(CumProd(form: back), x, i64(1))[0].integers == [6, 3, 1, 30, 6, 1])
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try run(CumSum(form: CumulationForm()), x, i64(2))
      } == "run.axis")
  }
}
