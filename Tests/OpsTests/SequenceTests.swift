import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")
private let s = IndexExpr.symbol("S")

@Suite struct AttentionTests {
  @Test func cachesGrow() throws {
    let problem = OperatorCase(
      [
        .type(.f32, [n, 8, 1, 64]), .type(.f32, [n, 2, 1, 64]), .type(.f32, [n, 2, 1, 32]),
        .omitted, .type(.f32, [n, 2, s, 64]), .type(.f32, [n, 2, s, 32]),
      ], outputCount: 3)
    #expect(
      try problem.types(Attention()).prefix(3)
        == ["f32[N, 8, 1, 32]", "f32[N, 2, S + 1, 64]", "f32[N, 2, S + 1, 32]"])
  }

  @Test func flatHeads() throws {
    let x = OperatorCase.Input.type(.f32, [n, s, 96])
    #expect(
      try OperatorCase([x, x, x]).types(Attention(queryHeads: 3, keyHeads: 3))[0]
        == "f32[N, S, 96]")
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try OperatorCase([x, x, x]).types(Attention(queryHeads: 5, keyHeads: 5))
      } == "shape.heads")
  }

  @Test func causalQueriesSeeOnlyThePast() throws {
    let q = Tensor([0.0, 0], shape: [1, 1, 2, 1])
    let v = Tensor([1.0, 3], shape: [1, 1, 2, 1])
    #expect(try run(Attention(isCausal: true), q, q, v)[0].doubles == [1, 2])
    let hidden = Tensor([false, false, true, true], shape: [2, 2])
    #expect(try run(Attention(), q, q, v, hidden)[0].doubles == [0, 2])
  }

  /// A sum that is rounded to bf16 after every term ends at 256 of these.
  @Test func manyKeysOfOneScore() throws {
    let zeros = Tensor(
      doubles: Array(repeating: 0, count: 1024), shape: [1, 1, 1024, 1], type: .bf16)
    let ones = Tensor(
      doubles: Array(repeating: 1, count: 1024), shape: [1, 1, 1024, 1], type: .bf16)
    let q = Tensor(doubles: [0], shape: [1, 1, 1, 1], type: .bf16)
    #expect(try run(Attention(), q, zeros, ones)[0].doubles == [1])
  }

  @Test func rotationByARightAngle() throws {
    let x = Tensor([Float(1), 2], shape: [1, 1, 1, 2])
    let y = try run(
      RotaryEmbedding(), x, Tensor([Float(0)], shape: [1, 1]), Tensor([Float(1)], shape: [1, 1]),
      Tensor([Int64(0)], shape: [1, 1]))[0]
    #expect(y.array(of: Float.self) == [-2, 1])
  }
}

@Suite struct RecurrentTests {
  private let affine = RecurrentForm(
    activationNames: ["Affine"], alphas: [1], betas: [0])

  @Test func runningSums() throws {
    let x = Tensor([1.0, 2, 3], shape: [3, 1, 1])
    let one = Tensor([1.0], shape: [1, 1, 1])
    let forward = try run(RNN(form: affine), x, one, one)
    #expect(forward[0].doubles == [1, 3, 6] && forward[1].doubles == [6])
    var form = affine
    form.direction = .reverse
    let short = Tensor([Int32(2)], shape: [1])
    let reverse = try run(RNN(form: form), x, one, one, nil, short)
    #expect(reverse[0].doubles == [3, 2, 0] && reverse[1].doubles == [3])
  }

  @Test func shapes() throws {
    let form = RecurrentForm(direction: .bidirectional, hiddenSize: 5)
    let problem = OperatorCase(
      [.type(.f32, [s, n, 3]), .type(.f32, [2, 20, 3]), .type(.f32, [2, 20, 5])], outputCount: 3)
    #expect(
      try problem.types(LSTM(form: form))
        == ["f32[S, 2, N, 5]", "f32[2, N, 5]", "f32[2, N, 5]"])
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try problem.types(GRU(form: form)) }
        == "shape.recurrent")
  }

  @Test func unknownActivationsAreRefused() {
    var reader = AttributeReader(
      Attributes { $0.strings("activations", ["Cube"]) }, opset: 22, inputCount: 3, outputCount: 1)
    #expect(
      diagnosticID { () throws(Diagnostic) in _ = try RNN(&reader) } == "attribute.activation")
  }
}

@Suite struct SignalTests {
  @Test func impulseHasAFlatSpectrum() throws {
    let x = Tensor([1.0, 0, 0, 0], shape: [1, 4, 1])
    let full = try run(DFT(), x, nil, Tensor(scalar: Int64(1)))[0]
    #expect(full.shape == [1, 4, 2] && full.doubles == [1, 0, 1, 0, 1, 0, 1, 0])
    let half = try run(DFT(oneSided: true), x, nil, Tensor(scalar: Int64(1)))[0]
    #expect(half.shape == [1, 3, 2])
    let back = try run(DFT(inverse: true, oneSided: true), half, nil, Tensor(scalar: Int64(1)))[0]
    #expect(back.shape == [1, 4, 1])
    #expect(zip(back.doubles, x.doubles).allSatisfy { ($0 - $1).magnitude < 1e-12 })
  }

  @Test func framesOfASignal() throws {
    let problem = OperatorCase([
      .type(.f32, [n, s, 1]), .constant(Tensor(scalar: Int64(4))), .type(.f32, [16]),
    ])
    #expect(try problem.types(STFT()) == ["f32[N, floordiv(S, 4) - 3, 9, 2]"])
    // Real numbers need no axis of parts.
    let flat = OperatorCase([
      .type(.f32, [n, s]), .constant(Tensor(scalar: Int64(4))), .type(.f32, [16]),
    ])
    #expect(try flat.types(STFT()) == ["f32[N, floordiv(S, 4) - 3, 9, 2]"])
  }

  @Test func windows() throws {
    let size = Tensor(scalar: Int64(4))
    let hann = try run(HannWindow(element: .f64), size)[0].doubles
    #expect(zip(hann, [0, 0.5, 1, 0.5]).allSatisfy { ($0 - $1).magnitude < 1e-12 })
    let symmetric = try run(HannWindow(element: .f64, isPeriodic: false), size)[0].doubles
    #expect((symmetric[1] - 0.75).magnitude < 1e-12 && symmetric[3].magnitude < 1e-12)
  }
}
