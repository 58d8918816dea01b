import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// Sizes that are computed may be anything: what no machine holds is refused, not tried.
@Suite struct TensorRoomTests {
  private static let absurd = 1 << 42

  private func id(_ op: some TensorOp, _ inputs: Tensor?...) -> String {
    diagnosticID { () throws(Diagnostic) in _ = try op.evaluate(Operands(inputs, outputCount: 1)) }
  }

  @Test func refusesWhatNoMemoryHolds() {
    let x = Tensor([1, 2] as [Float], shape: [1, 2])
    let sizes = i64(Self.absurd, 2)
    #expect(id(Expand(), x, sizes) == "shape.too-large")
    #expect(id(Tile(), x, sizes) == "shape.too-large")
    #expect(id(Pad(), x, i64(0, 0, Self.absurd, 0)) == "shape.too-large")
    #expect(id(Pad(), x, i64(.max, 0, .max, 0)) == "shape.too-large")
    #expect(id(ConstantOfShape(), sizes) == "shape.too-large")
    #expect(id(Resize(), x, nil, nil, sizes) == "shape.too-large")
    #expect(
      id(OneHot(), i64(0), i64(Self.absurd), Tensor([0, 1] as [Float], shape: [2]))
        == "shape.too-large")
  }

  @Test func refusesWhatIsKeptOfNothing() throws {
    let row = Tensor([] as [Float], shape: [0, Self.absurd, 1])
    var reader = AttributeReader(Attributes(), opset: 18, inputCount: 2, outputCount: 1)
    #expect(id(try ReduceSum(&reader), row, i64(0)) == "shape.too-large")
  }
}
