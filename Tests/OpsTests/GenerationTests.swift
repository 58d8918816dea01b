import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")

@Suite struct ConstantOfShapeTests {
  @Test(arguments: [.f32, .i64, .u8, .bool, .f16, .i4, .f8e5m2] as [ElementType])
  func repeatsTheValue(type: ElementType) throws {
    let op = ConstantOfShape(Tensor(doubles: [1], shape: [1], type: type))
    let result = try run(op, i64(2, 3))[0]
    #expect(result.type == type && result.shape == [2, 3])
    #expect(result.doubles == [1, 1, 1, 1, 1, 1])
    #expect(try run(op, i64())[0].shape == [])
    #expect(try run(op, i64(0))[0].elementCount == 0)
  }

  @Test func infersShapes() throws {
    #expect(try OperatorCase([.contents([n, 2])]).types(ConstantOfShape()) == ["f32[N, 2]"])
    #expect(
      try OperatorCase([.type(.i64, [2])]).types(ConstantOfShape()) == ["f32[n.0.0, n.0.1]"])
    let ones = ConstantOfShape(Tensor([Int64(1)], shape: [1]))
    #expect(OperatorCase([.contents([3])]).contents(ones) == "[1, 1, 1]")
    #expect(OperatorCase([.contents([n])]).contents(ones) == nil)
    let problem = OperatorCase([.contents([-1])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(ones) }
        == "shape.negative-dimension")
  }

  @Test func refusesWhatCannotExist() {
    for shape in [i64(-1), i64(1 << 40, 1 << 40), i64(0, 1 << 62, 8)] {
      #expect(
        diagnosticID { () throws(Diagnostic) in _ = try run(ConstantOfShape(), shape) }
          == "shape.too-large")
    }
  }
}

@Suite struct RangeTests {
  private func integers(_ start: Int32, _ limit: Int32, _ delta: Int32) throws -> [Int]? {
    try run(RangeOp(), Tensor(scalar: start), Tensor(scalar: limit), Tensor(scalar: delta))[0]
      .integers
  }

  @Test func counts() throws {
    #expect(try integers(3, 9, 3) == [3, 6])
    #expect(try integers(10, 4, -2) == [10, 8, 6])
    #expect(try integers(1, 5, -1) == [])
    #expect(try integers(0, 1, 10) == [0])
    let floats = try run(
      RangeOp(), Tensor(scalar: Float(0)), Tensor(scalar: Float(1)), Tensor(scalar: Float(0.25)))[0]
    #expect(floats.doubles == [0, 0.25, 0.5, 0.75])
  }

  @Test func refusesEndlessRanges() {
    let zero = Tensor(scalar: Int64(0))
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(RangeOp(), zero, zero, zero) }
        == "run.zero-step")
    let least = Tensor(scalar: Int64.min)
    let back = Tensor(scalar: Int64(-1))
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(RangeOp(), zero, least, back) }
        == "shape.too-large")
  }

  @Test func infersLengths() throws {
    let scalar = Tensor(scalar: Int64(0))
    let step = Tensor(scalar: Int64(2))
    let problem = OperatorCase([.constant(scalar), .contents([n]), .constant(step)])
    #expect(
      try problem.types(RangeOp()) == ["i64[max(0, floordiv(N + 1, 2))]"]
        || problem.types(RangeOp()) == ["i64[floordiv(N + 1, 2)]"])
    let known = OperatorCase([.constant(scalar), .contents([3]), .constant(step)])
    #expect(known.contents(RangeOp()) == "[0, 2]")
    #expect(
      try OperatorCase([.type(.f32, []), .type(.f32, []), .type(.f32, [])]).types(RangeOp())
        == ["f32[n.0.0]"])
  }
}

@Suite struct EyeLikeTests {
  @Test(
    arguments: [
      (0, [1, 0, 0, 0, 1, 0]), (1, [0, 1, 0, 0, 0, 1]), (-1, [0, 0, 0, 1, 0, 0]),
      (Int.max, [0, 0, 0, 0, 0, 0]),
    ])
  func fillsOneDiagonal(diagonal: Int, expected: [Int]) throws {
    let result = try run(EyeLike(type: .i16, diagonal: diagonal), counting(2, 3))[0]
    #expect(result.type == .i16 && result.integers == expected)
  }

  @Test func needsAMatrix() {
    let problem = OperatorCase([.type(.f32, [n])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(EyeLike()) } == "shape.rank")
  }
}

@Suite struct RandomTests {
  @Test func drawsWhatNumPyDraws() throws {
    // numpy.random.RandomState(0).uniform(0, 1, 3) and .normal(0, 1, 3)
    let form = RandomForm(type: .f64, seed: 0)
    let uniform = try run(RandomUniform(shape: [3], form: form))[0].doubles
    #expect(uniform == [0.5488135039273248, 0.7151893663724195, 0.6027633760716439])
    let normal = try run(RandomNormal(shape: [3], form: form))[0].doubles
    for (found, expected) in zip(
      normal, [1.764052345967664, 0.4001572083672233, 0.9787379841057392])
    {
      #expect((found - expected).magnitude < 1e-14)
    }
  }

  @Test func repeatsWithASeedOnly() throws {
    let like = Tensor(zeros: [64], type: .f32)
    let seeded = RandomUniformLike(low: -2, high: 2, form: RandomForm(seed: 5))
    #expect(try run(seeded, like)[0].doubles == run(seeded, like)[0].doubles)
    #expect(try run(seeded, like)[0].doubles.allSatisfy { $0 >= -2 && $0 <= 2 })
    #expect(seeded.isDeterministic)
    let free = RandomNormalLike()
    #expect(try run(free, like)[0].doubles != run(free, like)[0].doubles)
    #expect(!free.isDeterministic)
  }

  @Test func drawsWithTheGivenProbabilities() throws {
    let half = Tensor([Float](repeating: 0.25, count: 4000), shape: [4000])
    let drawn = try run(Bernoulli(form: RandomForm(type: .bool, seed: 1)), half)[0]
    #expect((900...1100).contains(drawn.integers?.reduce(0, +) ?? 0))
    let logarithms = Tensor([Float(0), -100, 1.0986123], shape: [1, 3])
    let classes = try run(Multinomial(sampleCount: 4000, form: RandomForm(seed: 2)), logarithms)[0]
    #expect(classes.shape == [1, 4000] && classes.type == .i32)
    #expect(classes.integers?.contains(1) == false)
    #expect((2900...3100).contains(classes.integers?.count { $0 == 2 } ?? 0))
  }

  @Test func refusesOtherTypes() {
    let problem = OperatorCase([.type(.i32, [2])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(RandomNormalLike()) }
        == "type.element")
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try OperatorCase([]).types(RandomUniform(shape: [-1]))
      } == "shape.too-large")
  }
}
