import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let numeric: [ElementType] = [
  .f32, .f64, .f16, .bf16, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .bool, .i4, .u4, .i2, .u2,
  .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f4e2m1,
]

@Suite struct CastTests {
  @Test(arguments: numeric, numeric)
  func keepsSmallNumbers(source: ElementType, target: ElementType) throws {
    let x = Tensor(doubles: [0, 1, 1, 0], shape: [2, 2], type: source)
    let y = try run(Cast(to: target), x)[0]
    #expect(y.type == target && y.shape == [2, 2] && y.doubles == [0, 1, 1, 0])
    let like = try run(CastLike(), x, Tensor(zeros: [], type: target))[0]
    #expect(like.type == target && like.doubles == [0, 1, 1, 0])
  }

  @Test func wrapsIntegersAndTruncatesFloats() throws {
    let x = Tensor([Int32(200), -1, 65536 + 7], shape: [3])
    #expect(try run(Cast(to: .i8), x)[0].integers == [-56, -1, 7])
    #expect(try run(Cast(to: .u8), x)[0].integers == [200, 255, 7])
    #expect(try run(Cast(to: .bool), x)[0].array(of: Bool.self) == [true, true, true])
    let floats = Tensor([Float(-1.7), 2.9, 0.5], shape: [3])
    #expect(try run(Cast(to: .i64), floats)[0].integers == [-1, 2, 0])
    #expect(try run(Cast(to: .bool), floats)[0].array(of: Bool.self) == [true, true, true])
    #expect(try run(Cast(to: .f64), Tensor([UInt64.max], shape: [1]))[0].doubles == [0x1p64])
  }

  @Test func roundsLargeIntegersOnce() throws {
    // 2^54 + 2^30 + 1 lies just above the middle between two floats; by way of double it would be the middle.
    let x = Tensor([Int64(1 << 54) + (1 << 30) + 1], shape: [1])
    #expect(try run(Cast(to: .f32), x)[0].array(of: Float.self)[0] == Float(0x1p54) + Float(0x1p31))
  }

  @Test func readsAndPrintsStrings() throws {
    let words = Tensor(strings: ["0.5", "-INF", "nan", "1e-5", "+Inf"], shape: [5])
    let numbers = try run(Cast(to: .f32), words)[0].array(of: Float.self)
    #expect(numbers[0] == 0.5 && numbers[1] == -.infinity && numbers[2].isNaN)
    #expect(numbers[3] == 1e-5 && numbers[4] == .infinity)
    #expect(try run(Cast(to: .i64), Tensor(strings: ["-12"], shape: []))[0].integers == [-12])
    #expect(
      try run(Cast(to: .string), Tensor([Float(314.15926)], shape: [1]))[0].strings == ["314.15927"]
    )
    #expect(try run(Cast(to: .string), Tensor([Int8(-3)], shape: [1]))[0].strings == ["-3"])
    let noise = Tensor(strings: ["Hello"], shape: [])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(Cast(to: .f32), noise) }
        == "run.not-a-number")
  }

  @Test func saturatesEightBitFloats() throws {
    let x = Tensor([Float(1e6), -.infinity, .nan, 448], shape: [4])
    #expect(try run(Cast(to: .f8e4m3fn), x)[0].codes == [0x7e, 0xfe, 0x7f, 0x7e])
    var reader = AttributeReader(
      Attributes {
        $0.int("to", Int(ElementType.f8e5m2.rawValue))
        $0.int("saturate", 0)
      }, opset: 23, inputCount: 1, outputCount: 1)
    let open = try Cast(&reader)
    #expect(try run(open, x)[0].codes[0] == 0x7c)
    #expect(open.attributes.names == ["saturate", "to"])
  }

  @Test(arguments: [
    ("up", [125, 128, 254]), ("down", [124, 127, 253]), ("nearest", [124, 127, 254]),
  ])
  func roundsToPowersOfTwo(mode: String, codes: [UInt8]) throws {
    var reader = AttributeReader(
      Attributes {
        $0.int("to", Int(ElementType.f8e8m0.rawValue))
        $0.string("round_mode", mode)
      }, opset: 25, inputCount: 1, outputCount: 1)
    let x = Tensor([Float(0.126), 1.25, 0x1.8p126], shape: [3])
    #expect(try run(Cast(&reader), x)[0].codes == codes)
  }

  @Test func readsBitsAsAnotherType() throws {
    let one = Tensor([Float(1)], shape: [1])
    #expect(try run(BitCast(to: .i32), one)[0].integers == [0x3f80_0000])
    let wide = OperatorCase([.type(.f32, [2])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try wide.types(BitCast(to: .i64)) }
        == "type.bit-width")
  }

  @Test func passesContentsThrough() {
    let n = IndexExpr.symbol("N")
    #expect(OperatorCase([.contents([n, 2])]).contents(Cast(to: .i32)) == "[N, 2]")
    #expect(OperatorCase([.contents([IndexExpr(1 << 40)])]).contents(Cast(to: .i32)) == nil)
    #expect(OperatorCase([.contents([n])]).contents(Cast(to: .f32)) == nil)
    #expect(OperatorCase([.contents([n, 2])]).contents(Identity()) == "[N, 2]")
  }
}

@Suite struct DropoutTests {
  private let data = Tensor([Float](repeating: 1, count: 1000), shape: [1000])

  @Test func passesThroughInInference() throws {
    let results = try run(Dropout(), data, outputCount: 2)
    #expect(results[0].doubles == data.doubles)
    #expect(results[1].array(of: Bool.self).allSatisfy { $0 })
    #expect(Dropout(mayTrain: false).isDeterministic && !Dropout().isDeterministic)
  }

  @Test func dropsAsOftenAsAskedFor() throws {
    let results = try run(
      Dropout(seed: 3), data, Tensor(scalar: Float(0.75)), Tensor(scalar: true), outputCount: 2)
    let kept = results[1].array(of: Bool.self).count { $0 }
    #expect((200...300).contains(kept))
    #expect(results[0].doubles.count { $0 == 4 } == kept)
    #expect(results[0].doubles.count { $0 == 0 } == 1000 - kept)
  }

  @Test func refusesImpossibleRatios() {
    let ratio = Tensor(scalar: Float(1))
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try run(Dropout(), data, ratio, Tensor(scalar: true))
      } == "run.dropout-ratio")
  }
}
