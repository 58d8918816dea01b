import Diagnostics
import IR
import Ops
import Tensors
import Testing

@Suite struct ComparisonTests {
  @Test func comparesEveryType() throws {
    let types: [ElementType] = [
      .f32, .f64, .f16, .bf16, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64,
    ]
    for type in types {
      let a = Tensor(doubles: [1, 2, 3], shape: [3], type: type)
      let b = Tensor(doubles: [2], shape: [], type: type)
      #expect(try run(Less(), a, b)[0].array(of: Bool.self) == [true, false, false])
      #expect(try run(LessOrEqual(), a, b)[0].array(of: Bool.self) == [true, true, false])
      #expect(try run(Greater(), a, b)[0].array(of: Bool.self) == [false, false, true])
      #expect(try run(GreaterOrEqual(), a, b)[0].array(of: Bool.self) == [false, true, true])
      #expect(try run(Equal(), a, b)[0].array(of: Bool.self) == [false, true, false])
    }
  }

  @Test func findsNothingEqualToNaN() throws {
    let nan = Tensor([Float.nan], shape: [1])
    for op in [Equal(), Less(), LessOrEqual(), Greater(), GreaterOrEqual()] as [any TensorOp] {
      #expect(try op.evaluate(Operands([nan, nan]))[0].array(of: Bool.self) == [false], "\(op)")
    }
  }

  @Test func comparesUnsignedBeyondTheSignedRange() throws {
    let large = Tensor([UInt64.max], shape: [1])
    let small = Tensor([UInt64(1)], shape: [1])
    #expect(try run(Greater(), large, small)[0].array(of: Bool.self) == [true])
  }

  @Test func comparesStringsAndBooleans() throws {
    let words = Tensor(strings: ["a", "b"], shape: [2, 1])
    #expect(
      try run(Equal(), words, Tensor(strings: ["b", "a", "a"], shape: [3]))[0]
        .array(of: Bool.self) == [false, true, true, true, false, false])
    let flags = Tensor([true, false], shape: [2])
    #expect(
      try run(Equal(), flags, Tensor(scalar: false))[0].array(of: Bool.self) == [false, true])
  }

  @Test func combinesBooleans() throws {
    let a = Tensor([false, false, true, true], shape: [4])
    let b = Tensor([false, true, false, true], shape: [4])
    #expect(try run(And(), a, b)[0].array(of: Bool.self) == [false, false, false, true])
    #expect(try run(Or(), a, b)[0].array(of: Bool.self) == [false, true, true, true])
    #expect(try run(Xor(), a, b)[0].array(of: Bool.self) == [false, true, true, false])
    #expect(try run(Not(), a)[0].array(of: Bool.self) == [true, true, false, false])
    let known = OperatorCase([.constant(a), .constant(b)])
    #expect(known.contents(Xor()) == "[0, 1, 1, 0]")
    #expect(known.contents(Not()) == "[1, 1, 0, 0]")
  }

  @Test func findsSpecialValues() throws {
    let x = Tensor([Float.infinity, -.infinity, .nan, 1], shape: [4])
    #expect(try run(IsNaN(), x)[0].array(of: Bool.self) == [false, false, true, false])
    #expect(try run(IsInf(), x)[0].array(of: Bool.self) == [true, true, false, false])
    #expect(
      try run(IsInf(detectsNegative: false), x)[0].array(of: Bool.self)
        == [true, false, false, false])
  }
}

@Suite struct WhereTests {
  private let condition = Tensor([true, false], shape: [2, 1])

  @Test(
    arguments: [
      .f32, .f64, .f16, .bf16, .i8, .i16, .i32, .i64, .u8, .u64, .i4, .u4, .f8e4m3fn,
    ] as [ElementType])
  func selectsEveryType(type: ElementType) throws {
    let x = Tensor(doubles: [1, 2, 3], shape: [3], type: type)
    let y = Tensor(doubles: [4, 5], shape: [2, 1], type: type)
    let chosen = try run(Where(), condition, x, y)[0]
    #expect(chosen.type == type && chosen.shape == [2, 3])
    #expect(chosen.doubles == [1, 2, 3, 5, 5, 5])
  }

  @Test func selectsStringsAndComplexNumbers() throws {
    let words = try run(
      Where(), condition, Tensor(strings: ["a"], shape: [1]),
      Tensor(strings: ["b", "c"], shape: [2, 1]))[0]
    #expect(words.strings == ["a", "c"] && words.shape == [2, 1])
    let pairs = Tensor([1, 2, 3, 4] as [Double], shape: [4])
    let complex = Tensor(type: .c128, shape: [2], storage: pairs.storage)
    let chosen = try run(Where(), Tensor([false, true], shape: [2]), complex, complex)[0]
    let halves = Tensor(type: .f64, shape: [4], storage: chosen.storage)
    #expect(halves.doubles == [1, 2, 3, 4])
  }

  @Test func infersTheCommonShape() throws {
    let n = IndexExpr.symbol("N")
    let problem = OperatorCase([.type(.bool, [n, 1]), .type(.f32, []), .type(.f32, [1, 4])])
    #expect(try problem.types(Where()) == ["f32[N, 4]"])
  }
}
