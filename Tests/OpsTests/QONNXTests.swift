import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")

private func f32(_ values: Float...) -> Tensor { Tensor(values, shape: [values.count]) }

@Suite struct QONNXTests {
  private func quantized(
    _ op: IntQuant, _ x: Tensor, scale: Float = 0.5, zero: Float = 0, bits: Float
  ) throws -> [Double] {
    try run(
      op, x, Tensor(scalar: scale), Tensor(scalar: zero), Tensor(scalar: bits))[0].doubles
  }

  @Test func roundsToWhatBitsReach() throws {
    let x = f32(0.25, 0.75, -0.25, 100, -100, 1.25)
    #expect(try quantized(IntQuant(), x, bits: 4) == [0, 1, 0, 3.5, -4, 1])
    let narrow = IntQuant(range: BitRange(isNarrow: true))
    #expect(try quantized(narrow, x, bits: 4) == [0, 1, 0, 3.5, -3.5, 1])
    let unsigned = IntQuant(range: BitRange(isSigned: false))
    #expect(try quantized(unsigned, x, bits: 4) == [0, 1, 0, 7.5, 0, 1])
    let both = IntQuant(range: BitRange(isSigned: false, isNarrow: true))
    #expect(try quantized(both, x, bits: 4) == [0, 1, 0, 7, 0, 1])
    #expect(try quantized(unsigned, x, zero: 8, bits: 4) == [0, 1, 0, 3.5, -4, 1])
    #expect(try quantized(IntQuant(), f32(3, 0, -0.1), bits: 1) == [0.5, 0.5, -0.5])
    // 2^3.5 / 2 - 1 is 4.66, which rounds after it has limited.
    #expect(try quantized(IntQuant(), f32(9, -9), scale: 1, bits: 3.5) == [5, -6])
  }

  @Test(
    "the table of the standard's rounding modes",
    arguments: [
      (RoundingMode.round, [6, 2, 2, 1, 1, -1, -1, -2, -2, -6]),
      (.ceil, [6, 3, 2, 2, 1, -1, -1, -1, -2, -5]), (.floor, [5, 2, 1, 1, 1, -1, -2, -2, -3, -6]),
      (.up, [6, 3, 2, 2, 1, -1, -2, -2, -3, -6]), (.down, [5, 2, 1, 1, 1, -1, -1, -1, -2, -5]),
      (.halfUp, [6, 3, 2, 1, 1, -1, -1, -2, -3, -6]),
      (.halfDown, [5, 2, 2, 1, 1, -1, -1, -2, -2, -5]),
    ])
  func rounds(mode: RoundingMode, expected: [Double]) throws {
    let x = f32(5.5, 2.5, 1.6, 1.1, 1, -1, -1.1, -1.6, -2.5, -5.5)
    #expect(try quantized(IntQuant(mode: mode), x, scale: 1, bits: 8) == expected)
  }

  @Test func readsAttributes() throws {
    func make(_ attributes: Attributes) throws(Diagnostic) -> IntQuant {
      var reader = AttributeReader(attributes, opset: 1, inputCount: 4, outputCount: 1)
      let op = try IntQuant(&reader)
      try reader.finish()
      return op
    }
    let attributes = Attributes {
      $0.int("signed", 0)
      $0.int("narrow", 1)
      $0.string("rounding_mode", "round_to_zero")
    }
    let op = try make(attributes)
    #expect(op.range == BitRange(isSigned: false, isNarrow: true) && op.mode == .down)
    #expect(try make(op.attributes).range == op.range)
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try make(Attributes { $0.string("rounding_mode", "SIDEWAYS") })
      } == "attribute.value")
  }

  @Test func scalesPerChannel() throws {
    let x = Tensor([Float(1.3), -20, 1.3, -20], shape: [2, 2])
    let scales = Tensor([Float(0.5), 1], shape: [2, 1])
    let y = try run(
      IntQuant(), x, scales, Tensor(scalar: Float(0)), Tensor(scalar: Int32(3)))[0]
    #expect(y.doubles == [1.5, -2, 1, -4])
  }

  @Test func takesSigns() throws {
    let y = try run(BipolarQuant(), f32(0.1, 0, -0.0, -7, .nan), Tensor(scalar: Float(0.25)))[0]
    #expect(y.doubles == [0.25, 0.25, 0.25, -0.25, -0.25])
  }

  @Test func cutsBits() throws {
    let one = Tensor(scalar: Float(0.5))
    let zero = Tensor(scalar: Float(0))
    func bits(_ count: Float) -> Tensor { Tensor(scalar: count) }
    let x = f32(13, -13, 1.9)
    // 26, -26 and 4 in steps, of which two bits go.
    let first = try run(Trunc(), x, one, zero, bits(8), bits(6))[0]
    #expect(first.doubles == [3, -3.5, 0.5])
    let up = try run(Trunc(mode: .ceil), x, one, zero, bits(8), bits(6))[0]
    #expect(up.doubles == [3.5, -3, 0.5])
    let second = try run(Trunc(), x, one, zero, bits(8), bits(2), bits(3))[0]
    #expect(second.doubles == [6, -8, 2])
    let third = try run(Trunc(), f32(100), one, zero, bits(8), bits(2), bits(3))[0]
    #expect(third.doubles == [6])
  }

  @Test func infersShapes() throws {
    let scalar = OperatorCase.Input.type(.f32, [])
    let problem = OperatorCase([.type(.f32, [n, 3]), .type(.f32, [1, 3]), scalar, scalar])
    #expect(try problem.types(IntQuant()) == ["f32[N, 3]"])
    let wrong = OperatorCase([.type(.f32, [n, 3]), .type(.f32, [1, 4]), scalar, scalar])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try wrong.types(IntQuant()) } == "shape.broadcast"
    )
  }
}
