import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")

private func f32(_ values: Float...) -> Tensor { Tensor(values, shape: [values.count]) }

/// Values at which a float operator is known, from tables and identities.
private let known: [(any TensorOp, x: Double, y: Double)] = [
  (Abs(), -2.5, 2.5), (Neg(), 2.5, -2.5), (Sign(), -0.1, -1), (Sqrt(), 2, 1.4142135623730951),
  (Exp(), 1, 2.718281828459045), (Log(), 10, 2.302585092994046), (Reciprocal(), 4, 0.25),
  (Floor(), -1.5, -2), (Ceil(), -1.5, -1), (Round(), 2.5, 2), (Round(), -3.5, -4),
  (Erf(), 0.5, 0.5204998778130465), (Sigmoid(), 2, 0.8807970779778823),
  (Sigmoid(), -800, 0), (Tanh(), 0.5, 0.46211715726000973), (HardSwish(), 1, 2.0 / 3),
  (HardSwish(), -4, 0), (Softplus(), 1, 1.3132616875182228), (Softplus(), 800, 800),
  (Softsign(), -3, -0.75), (Mish(), 1, 0.8650983882673103), (Gelu(), 1, 0.8413447460685429),
  (Gelu(usesTanh: true), 1, 0.8411919906082768), (LeakyRelu(), -2, -0.02),
  (LeakyRelu(alpha: 0.5), -2, -1), (Elu(), -1, -0.6321205588285577),
  (Celu(alpha: 2), -2, -1.2642411176571153), (Selu(), -1, -1.1113307378125627),
  (HardSigmoid(), 1, 0.7), (HardSigmoid(), 9, 1), (ThresholdedRelu(), 1, 0),
  (ThresholdedRelu(alpha: 0.5), 1, 1), (Swish(), 1, 0.7310585786300049),
  (Swish(alpha: 2), 1, 0.8807970779778823), (Shrink(lambd: 1, bias: 0.25), -2, -1.75),
  (Shrink(), 0.5, 0), (Relu(), -3, 0), (Sin(), 1, 0.8414709848078965),
  (Cos(), 1, 0.5403023058681398), (Tan(), 1, 1.5574077246549023), (Asin(), 1, 1.5707963267948966),
  (Acos(), -1, 3.141592653589793), (Atan(), 1, 0.7853981633974483),
  (Sinh(), 1, 1.1752011936438014), (Cosh(), 1, 1.5430806348152437),
  (Asinh(), 1, 0.881373587019543), (Acosh(), 2, 1.3169578969248166),
  (Atanh(), 0.5, 0.5493061443340549),
]

@Suite struct UnaryElementwiseTests {
  @Test(arguments: known.indices)
  func hasKnownValues(index: Int) throws {
    let (op, x, y) = known[index]
    for (type, tolerance) in [
      (ElementType.f64, 1e-7), (.f32, 1e-6), (.f16, 2e-3), (.bf16, 2e-2),
    ] {
      let result = try op.evaluate(Operands([Tensor(doubles: [x, x], shape: [2, 1], type: type)]))
      #expect(result[0].type == type && result[0].shape == [2, 1])
      let error = (result[0].doubles[1] - y).magnitude
      #expect(error <= tolerance * max(1, y.magnitude), "\(op) of \(x) in \(type)")
    }
  }

  @Test func keepsNaN() throws {
    let nan = f32(.nan)
    let operators: [any TensorOp] = [
      Relu(), Clip(), HardSigmoid(), HardSwish(), LeakyRelu(), Elu(), Sign(), Round(),
    ]
    for op in operators {
      #expect(try op.evaluate(Operands([nan]))[0].doubles[0].isNaN, "\(op)")
    }
  }

  @Test func wrapsIntegers() throws {
    let least = Tensor([Int8.min, -1, 5], shape: [3])
    #expect(try run(Abs(), least)[0].integers == [-128, 1, 5])
    #expect(try run(Neg(), least)[0].integers == [-128, 1, -5])
    #expect(try run(Relu(), least)[0].integers == [0, 0, 5])
    #expect(try run(Sign(), Tensor([UInt64.max, 0], shape: [2]))[0].integers == [1, 0])
    #expect(try run(BitwiseNot(), Tensor([UInt16(1)], shape: [1]))[0].integers == [65534])
  }

  @Test func keepsShapes() throws {
    #expect(try OperatorCase([.type(.f16, [n, 3])]).types(Exp()) == ["f16[N, 3]"])
    #expect(try OperatorCase([.unranked(.f32)]).types(IsNaN()) == ["bool[*]"])
  }
}

@Suite struct BinaryElementwiseTests {
  @Test(
    arguments: [
      ([2, 3], [2, 3], [0, 2, 4, 6, 8, 10]), ([2, 3], [3], [0, 2, 4, 3, 5, 7]),
      ([2, 1], [1, 3], [0, 1, 2, 1, 2, 3]), ([2, 3], [], [0, 1, 2, 3, 4, 5]),
      ([1], [2, 1], [0, 1]), ([2, 0], [1], []),
      ([2, 1, 2], [2, 1], [0, 1, 1, 2, 2, 3, 3, 4]),
    ])
  func broadcasts(a: [Int], b: [Int], expected: [Int]) throws {
    let x = Tensor((0..<Int32(a.elementCount)).map { $0 }, shape: a)
    let y = Tensor((0..<Int32(b.elementCount)).map { $0 }, shape: b)
    #expect(try run(Add(), x, y)[0].integers == expected)
    let floats = try run(Add(), x.cast(.f32), y.cast(.f32))[0]
    #expect(floats.doubles == expected.map(Double.init))
  }

  @Test func refusesOtherShapes() throws {
    let problem = OperatorCase([.type(.f32, [n, 3]), .type(.f32, [4])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(Mul()) } == "shape.broadcast")
    let symbols = OperatorCase([.type(.f32, [n, 1]), .type(.f32, [.symbol("M"), 5, 7])])
    #expect(
      try symbols.types(Mul()) == ["f32[M, N, 7]"] || symbols.types(Mul()) == ["f32[M, 5, 7]"])
  }

  @Test func followsIntegerRules() throws {
    let a = Tensor([Int8.min, 7, -7], shape: [3])
    let b = Tensor([Int8(-1), -2, 2], shape: [3])
    #expect(try run(Div(), a, b)[0].integers == [-128, -3, -3])
    #expect(try run(Mod(), a, b)[0].integers == [0, -1, 1])
    #expect(try run(Mod(followsDividend: true), a, b)[0].integers == [0, 1, -1])
    #expect(try run(Mul(), a, b)[0].integers == [-128, -14, -14])
    #expect(try run(Sub(), a, b)[0].integers == [-127, 9, -9])
    let zero = Tensor(scalar: Int8(0))
    for op in [Div(), Mod()] as [any TensorOp] {
      #expect(
        diagnosticID { () throws(Diagnostic) in _ = try op.evaluate(Operands([a, zero])) }
          == "run.division-by-zero")
    }
  }

  @Test func raisesToPowers() throws {
    let base = Tensor([Int64(3), -1, 2, 0], shape: [4])
    let exponent = Tensor([Int32(40), -3, -1, 0], shape: [4])
    #expect(
      try run(Pow(), base, exponent)[0].integers == [-6_289_078_614_652_622_815, -1, 0, 1])
    #expect(try run(Pow(), f32(2, 9), f32(-1, 0.5))[0].doubles == [0.5, 3])
    #expect(try run(Pow(), Tensor([Int32(2)], shape: [1]), f32(2.5))[0].integers == [5])
  }

  @Test func shiftsBits() throws {
    let x = Tensor([Int8(-8), 64, 3], shape: [3])
    let amounts = Tensor([Int8(1), 9, -1], shape: [3])
    #expect(try run(BitShift(shiftsLeft: false), x, amounts)[0].integers == [-4, 0, 0])
    #expect(try run(BitShift(shiftsLeft: true), x, amounts)[0].integers == [-16, 0, 0])
    #expect(try run(BitwiseXor(), x, amounts)[0].integers == [-7, 73, -4])
  }

  @Test func foldsManyOperands() throws {
    #expect(try run(Max(), f32(1, 5), f32(2), f32(3, .nan))[0].doubles[0] == 3)
    #expect(try run(Max(), f32(1, 5), f32(2), f32(3, .nan))[0].doubles[1].isNaN)
    #expect(
      try run(Min(), Tensor([UInt64.max], shape: [1]), Tensor([UInt64(3)], shape: []))[0]
        .integers == [3])
    #expect(try run(Mean(), f32(1, 2), f32(3))[0].doubles == [2, 2.5])
    #expect(try run(Sum(), f32(4))[0].doubles == [4])
  }

  @Test func limitsToBounds() throws {
    let x = f32(-3, 0.5, 9)
    #expect(try run(Clip(), x, Tensor(scalar: Float(0)), nil)[0].doubles == [0, 0.5, 9])
    #expect(
      try run(Clip(), x, Tensor(scalar: Float(5)), Tensor(scalar: Float(1)))[0].doubles == [
        1, 1, 1,
      ])
    #expect(
      try run(Clip(), counting(4), nil, Tensor(scalar: Int32(2)))[0].integers == [0, 1, 2, 2])
    var node = ImportedNode(
      name: "c", domain: "", op: "Clip", opset: 6, inputs: [.value("x")], outputs: ["y"],
      attributes: Attributes { $0.float("max", 6) })
    try Clip.upgrade(&node)
    #expect(node.inputs.count == 3 && node.attributes.isEmpty)
    let mixed = OperatorCase([.type(.i32, [2]), .type(.f32, [])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try mixed.types(Clip()) } == "type.mismatch")
  }

  @Test func scalesNegativeElements() throws {
    let x = Tensor([Float(-1), 2, -3, 4], shape: [2, 2])
    #expect(
      try run(PRelu(), x, Tensor([Float(2), 10], shape: [2, 1]))[0].doubles == [-2, 2, -30, 4])
    let wide = OperatorCase([.type(.f32, [3]), .type(.f32, [2, 3])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try wide.types(PRelu()) } == "shape.broadcast")
  }
}

@Suite struct ShapeArithmeticTests {
  @Test func computesWithDimensions() {
    let pair = OperatorCase([.contents([n, 6]), .constant(i64(2))])
    #expect(pair.contents(Add()) == "[N + 2, 8]")
    #expect(pair.contents(Sub()) == "[N - 2, 4]")
    #expect(pair.contents(Mul()) == "[2 * N, 12]")
    #expect(pair.contents(Div()) == "[floordiv(N, 2), 3]")
    #expect(pair.contents(Mod()) == "[mod(N, 2), 0]")
    #expect(pair.contents(Max()) == "[max(N, 2), 6]" || pair.contents(Max()) == "[max(2, N), 6]")
    #expect(OperatorCase([.contents([n]), .constant(i64(0))]).contents(Div()) == nil)
    #expect(OperatorCase([.contents([n]), .constant(i64(-1))]).contents(Div()) == nil)
  }

  @Test func decidesComparisons() {
    let pair = OperatorCase([.contents([n, n + 1]), .contents([n, n])])
    #expect(pair.contents(Equal()) == "[1, 0]")
    #expect(pair.contents(Greater()) == "[0, 1]")
    #expect(OperatorCase([.contents([n]), .constant(i64(-1))]).contents(Equal()) == "[0]")
    #expect(OperatorCase([.contents([n]), .constant(i64(1))]).contents(Equal()) == nil)
    let extremes = OperatorCase([.constant(i64(.max)), .constant(i64(-1))])
    #expect(extremes.contents(Less()) == "[0]")
  }

  @Test func selectsDimensions() {
    let condition = Tensor([true, false], shape: [2])
    let problem = OperatorCase([.constant(condition), .contents([n, 1]), .constant(i64(7))])
    #expect(problem.contents(Where()) == "[N, 7]")
  }

  @Test func leavesNarrowIntegersAlone() {
    let narrow = Tensor([UInt8(255)], shape: [1])
    #expect(OperatorCase([.constant(narrow), .constant(narrow)]).contents(Add()) == nil)
    let wide = Tensor([Int32.max], shape: [1])
    #expect(OperatorCase([.constant(wide), .constant(wide)]).contents(Add()) == nil)
  }
}

extension Tensor {
  /// The same numbers in another type.
  fileprivate func cast(_ type: ElementType) -> Tensor {
    Tensor(doubles: doubles, shape: shape, type: type)
  }
}
