import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")

private func f32(_ values: Float...) -> Tensor { Tensor(values, shape: [values.count]) }

@Suite struct QuantizeLinearTests {
  @Test func roundsHalvesToEvenAndSaturates() throws {
    let x = f32(1, 3, 5, -1, 1000, -1000, .nan)
    let scale = Tensor(scalar: Float(2))
    let u8 = try run(QuantizeLinear(), x, scale, Tensor(scalar: UInt8(10)))[0]
    #expect(u8.type == .u8 && u8.integers == [10, 12, 12, 10, 255, 0, 10])
    let i8 = try run(QuantizeLinear(), x, scale, Tensor(scalar: Int8(-1)))[0]
    #expect(i8.integers == [-1, 1, 1, -1, 127, -128, -1])
    #expect(try run(QuantizeLinear(outputType: .i16), x, scale)[0].type == .i16)
    let i4 = try run(QuantizeLinear(), x, scale, Tensor(zeros: [], type: .i4))[0]
    #expect(i4.integers == [0, 2, 2, 0, 7, -8, 0])
  }

  @Test func dividesInThePrecisionOfTheScale() throws {
    // 2.1 / 0.6 is 3.4999998 in single precision for the rounded operands but 3.5 in half.
    let x = f32(2.1)
    let single = try run(QuantizeLinear(), x, Tensor(scalar: Float(0.6)))[0].integers
    let half = try run(QuantizeLinear(), x, Tensor(scalar: Float16(0.6)))[0].integers
    let exact = (Float(2.1) / Float(0.6)).rounded(.toNearestOrEven)
    let short = Float((Float16(2.1) / Float16(0.6)).rounded(.toNearestOrEven))
    #expect(single == [Int(exact)] && half == [Int(short)])
    let forced = QuantizeLinear(precision: .f16)
    #expect(try run(forced, x, Tensor(scalar: Float(0.6)))[0].integers == [Int(short)])
  }

  @Test func scalesAlongAnAxis() throws {
    let x = Tensor([Float(1), 2, 3, 4, 5, 6], shape: [2, 3])
    let rows = QuantizeLinear(grid: QuantizationGrid(axis: 0))
    let points = Tensor([UInt8(0), 100], shape: [2])
    #expect(
      try run(rows, x, f32(1, 0.5), points)[0].integers == [1, 2, 3, 108, 110, 112])
    #expect(try run(QuantizeLinear(), x, f32(1, 2, 3))[0].integers == [1, 1, 1, 4, 2, 2])
  }

  @Test(arguments: [4, 5])
  func scalesByBlocks(columns: Int) throws {
    let x = Tensor((0..<columns * 2).map { Float($0) }, shape: [2, columns])
    let blocks = (columns + 1) / 2
    let scale = Tensor((0..<blocks * 2).map { Float($0 + 1) }, shape: [2, blocks])
    let op = QuantizeLinear(grid: QuantizationGrid(axis: 1, blockSize: 2), outputType: .i8)
    let found = try run(op, x, scale)[0].integers
    let expected = (0..<columns * 2).map { index -> Int in
      let place = index / columns * blocks + index % columns / 2
      return Int((Float(index) / Float(place + 1)).rounded(.toNearestOrEven))
    }
    #expect(found == expected)
    let back = DequantizeLinear(grid: QuantizationGrid(axis: 1, blockSize: 2))
    let bytes = Tensor(integers: expected, shape: [2, columns], type: .i8)
    let wide = try run(back, bytes, scale)[0].doubles
    #expect(
      wide
        == expected.enumerated().map { Double($1 * ($0 / columns * blocks + $0 % columns / 2 + 1)) }
    )
  }

  @Test func quantizesToEightBitFloats() throws {
    let point = Tensor(zeros: [], type: .f8e4m3fn)
    let y = try run(QuantizeLinear(), f32(0, 1, 900, 1e6), Tensor(scalar: Float(2)), point)[0]
    #expect(y.type == .f8e4m3fn && y.doubles == [0, 0.5, 448, 448])
  }

  @Test func infersTypes() throws {
    let x = OperatorCase.Input.type(.f32, [n, 3])
    #expect(try OperatorCase([x, .type(.f32, [])]).types(QuantizeLinear()) == ["u8[N, 3]"])
    #expect(
      try OperatorCase([x, .type(.f32, [3]), .type(.i8, [3])]).types(QuantizeLinear())
        == ["i8[N, 3]"])
    let misfit = OperatorCase([x, .type(.f32, [4])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try misfit.types(QuantizeLinear()) }
        == "shape.scale")
    let far = QuantizeLinear(grid: QuantizationGrid(axis: 2))
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try OperatorCase([x, .type(.f32, [3])]).types(far)
      } == "attribute.axis")
    let mixed = OperatorCase([x, .type(.f32, []), .type(.i8, [])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try mixed.types(QuantizeLinear(outputType: .u8)) }
        == "type.mismatch")
  }
}

@Suite struct DequantizeLinearTests {
  @Test func takesOffZeroPoints() throws {
    let x = Tensor([UInt8(0), 128, 255], shape: [3])
    let y = try run(
      DequantizeLinear(), x, Tensor(scalar: Float(0.5)), Tensor(scalar: UInt8(128)))[0]
    #expect(y.type == .f32 && y.doubles == [-64, 0, 63.5])
    let short = try run(DequantizeLinear(outputType: .f16), x, Tensor(scalar: Float(0.5)))[0]
    #expect(short.type == .f16 && short.doubles == [0, 64, 127.5])
    let sums = Tensor([Int32(-1 << 24), 7], shape: [2])
    #expect(
      try run(DequantizeLinear(), sums, Tensor(scalar: Float(0.5)))[0].doubles == [-0x1p23, 3.5])
    let packed = Tensor(integers: [-8, 7, 1], shape: [3], type: .i4)
    #expect(
      try run(DequantizeLinear(), packed, Tensor(scalar: Float16(2)))[0].doubles == [-16, 14, 2])
  }

  @Test func infersTypes() throws {
    let problem = OperatorCase([.type(.i8, [n, 2]), .type(.bf16, [])])
    #expect(try problem.types(DequantizeLinear()) == ["bf16[N, 2]"])
    let powers = OperatorCase([.type(.i8, [n, 2]), .type(.f8e8m0, [])])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try powers.types(DequantizeLinear()) }
        == "type.element")
    #expect(try powers.types(DequantizeLinear(outputType: .f32)) == ["f32[N, 2]"])
  }
}

@Suite struct DynamicQuantizeLinearTests {
  @Test func choosesScaleAndZeroPoint() throws {
    let results = try run(DynamicQuantizeLinear(), f32(0, 2, -3, -2.5, 1.34, 0.5), outputCount: 3)
    #expect(results[0].integers == [153, 255, 0, 26, 221, 179])
    #expect(results[1].doubles == [Double(Float(5) / 255)])
    #expect(results[2].integers == [153])
  }

  @Test func survivesZeros() throws {
    let results = try run(DynamicQuantizeLinear(), f32(0, 0), outputCount: 3)
    #expect(results[0].integers == [0, 0] && results[1].doubles == [1])
  }
}

@Suite struct IntegerMatMulTests {
  private let a = Tensor([UInt8(11), 7, 3, 10, 6, 2], shape: [2, 3])
  private let b = Tensor([UInt8(1), 4, 2, 5, 3, 6], shape: [3, 2])

  @Test func takesOffZeroPoints() throws {
    let whole = try run(
      MatMulInteger(), a, b, Tensor(scalar: UInt8(12)), Tensor(scalar: UInt8(0)))[0]
    #expect(whole.type == .i32 && whole.integers == [-38, -83, -44, -98])
    let rows = try run(
      MatMulInteger(), a, b, Tensor([UInt8(1), 2], shape: [2]), Tensor([UInt8(1), 4], shape: [2]))[
        0]
    #expect(rows.integers == [6 + 2 * 2, 6 + 2 * 2, 4 + 0 * 2, 4 + 0 * 2])
    let wrong = Tensor([UInt8(1), 2, 3], shape: [3])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try run(MatMulInteger(), a, b, wrong) }
        == "shape.zero-point")
  }

  @Test func requantizes() throws {
    let scale = Tensor(scalar: Float(0.5))
    let point = Tensor(scalar: UInt8(0))
    let y = try run(
      QLinearMatMul(), a, scale, point, b, scale, point, Tensor(scalar: Float(0.25)),
      Tensor(scalar: Int8(1)))[0]
    #expect(y.type == .i8 && y.integers == [35, 98, 29, 83])
    let rows = Tensor([Float(0.5), 5], shape: [2])
    let points = Tensor([UInt8(0), 0], shape: [2])
    let z = try run(
      QLinearMatMul(), a, rows, points, b, scale, point, Tensor(scalar: Float(0.25)),
      Tensor(scalar: UInt8(0)))[0]
    #expect(z.integers == [34, 97, 255, 255])
  }

  @Test func infersShapes() throws {
    let problem = OperatorCase([.type(.u8, [n, 2, 3]), .type(.i8, [3, 5])])
    #expect(try problem.types(MatMulInteger()) == ["i32[N, 2, 5]"])
  }
}

@Suite struct LookupTests {
  private let squares = (0..<256).map { $0 * $0 % 251 - 128 }

  @Test func readsFromTheLeastNumberOn() throws {
    let op = Lookup(squares, to: .i8)
    let unsigned = try run(op, Tensor([UInt8(0), 3, 255], shape: [3]))[0]
    #expect(unsigned.type == .i8 && unsigned.integers == [-128, -119, 255 * 255 % 251 - 128])
    let signed = try run(op, Tensor([Int8(-128), -125, 127], shape: [3]))[0]
    #expect(signed.integers == unsigned.integers)
  }

  @Test func checksItsTable() throws {
    func problem(_ table: [Int]?, _ type: ElementType?) -> String {
      let attributes = Attributes {
        $0.ints("table", table)
        $0.int("to", type.map { Int($0.rawValue) })
      }
      return diagnosticID { () throws(Diagnostic) in
        var reader = AttributeReader(attributes, opset: 1, inputCount: 1, outputCount: 1)
        _ = try Lookup(&reader)
      }
    }
    #expect(problem(squares, .i8) == "")
    #expect(problem(squares, .u8) == "attribute.value")
    #expect(problem([1, 2], .u8) == "attribute.count")
    #expect(problem(nil, .u8) == "attribute.missing")
    #expect(problem(squares, nil) == "attribute.missing")
    #expect(problem(squares, .i32) == "type.element")
  }
}
