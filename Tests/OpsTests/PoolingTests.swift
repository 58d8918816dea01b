import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let h = IndexExpr.symbol("H")

private let image = Tensor((0..<16).map { Float($0) }, shape: [1, 1, 4, 4])

@Suite struct PoolingTests {
  @Test(
    arguments: [
      (
        WindowAttributes(kernelShape: [2, 2], strides: [2, 2]), [1, 3, h, 4],
        "f32[1, 3, floordiv(H, 2), 2]"
      ),
      (
        WindowAttributes(kernelShape: [3, 3], strides: [2, 2], ceilMode: true), [1, 3, h, 4],
        "f32[1, 3, floordiv(H, 2), 2]"
      ),
      (
        WindowAttributes(kernelShape: [1, 1], strides: [2, 2], ceilMode: true), [1, 1, 2, 2],
        "f32[1, 1, 1, 1]"
      ),
      (
        WindowAttributes(kernelShape: [3, 3], strides: [2, 2], autoPad: .sameUpper), [1, 1, 7, 8],
        "f32[1, 1, 4, 4]"
      ),
    ] as [(WindowAttributes, [IndexExpr], String)])
  func shapes(window: WindowAttributes, x: [IndexExpr], expected: String) throws {
    let found = try OperatorCase([.type(.f32, x)]).types(AveragePool(window: window))
    #expect(found == [expected])
  }

  @Test func refusesWindowsThatDoNotFit() {
    for (window, id) in [
      (WindowAttributes(kernelShape: [5, 5]), "shape.window"),
      (WindowAttributes(kernelShape: [2]), "attribute.count"),
    ] {
      #expect(
        diagnosticID { () throws(Diagnostic) in _ = try run(MaxPool(window: window), image) } == id)
    }
  }

  @Test func maximaKnowTheirPlaces() throws {
    let window = WindowAttributes(kernelShape: [2, 2], strides: [2, 2])
    let rowMajor = try run(MaxPool(window: window), image, outputCount: 2)
    #expect(rowMajor[0].array(of: Float.self) == [5, 7, 13, 15])
    #expect(rowMajor[1].array(of: Int64.self) == [5, 7, 13, 15])
    let columnMajor = try run(MaxPool(window: window, columnMajor: true), image, outputCount: 2)
    #expect(columnMajor[1].array(of: Int64.self) == [5, 13, 7, 15])
    let back = try run(MaxUnpool(window: window), rowMajor[0], rowMajor[1])[0]
    #expect(back.shape == [1, 1, 4, 4])
    #expect(back.doubles.reduce(0, +) == 40)
  }

  @Test func maximaOfIntegers() throws {
    let x = Tensor([Int8(-5), -3, -128], shape: [1, 1, 3])
    let window = WindowAttributes(kernelShape: [2], pads: [1, 1])
    #expect(try run(MaxPool(window: window), x)[0].array(of: Int8.self) == [-5, -3, -3, -128])
  }

  @Test func meansCountPaddingWhenAsked() throws {
    let x = Tensor([Float(2), 4], shape: [1, 1, 2])
    let window = WindowAttributes(kernelShape: [2], pads: [1, 1])
    #expect(try run(AveragePool(window: window), x)[0].doubles == [2, 3, 4])
    #expect(
      try run(AveragePool(window: window, countIncludePad: true), x)[0].doubles == [1, 3, 2])
  }

  @Test func globalPools() throws {
    #expect(try run(GlobalAveragePool(), image)[0].doubles == [7.5])
    #expect(try run(GlobalMaxPool(), image)[0].doubles == [15])
    #expect(try run(GlobalLpPool(p: 1), image)[0].doubles == [120])
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try run(GlobalMaxPool(), Tensor(zeros: [1, 1, 0], type: .f32))
      } == "shape.empty")
  }
}
