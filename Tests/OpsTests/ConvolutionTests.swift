import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let n = IndexExpr.symbol("N")
private let h = IndexExpr.symbol("H")

/// The `f32` tensor 0, 1, 2, ... of a shape.
private func ramp(_ shape: Int...) -> Tensor {
  Tensor((0..<shape.elementCount).map { Float($0) }, shape: shape)
}

private func ones(_ shape: Int...) -> Tensor {
  Tensor(Array(repeating: Float(1), count: shape.elementCount), shape: shape)
}

@Suite struct ConvolutionShapeTests {
  @Test(
    arguments: [
      (WindowAttributes(), [n, 3, 8, 8], [6, 3, 3, 3], "f32[N, 6, 6, 6]"),
      (WindowAttributes(pads: [1, 1, 1, 1]), [1, 3, h, 8], [6, 3, 3, 3], "f32[1, 6, H, 8]"),
      (
        WindowAttributes(strides: [2, 2], pads: [1, 1, 1, 1]), [1, 3, 8, h], [6, 3, 3, 3],
        "f32[1, 6, 4, floordiv(H + 1, 2)]"
      ),
      (WindowAttributes(autoPad: .sameUpper), [1, 3, h, 5], [6, 3, 3, 3], "f32[1, 6, H, 5]"),
      (
        WindowAttributes(strides: [2, 2], autoPad: .sameLower), [1, 3, 7, 8], [6, 3, 3, 3],
        "f32[1, 6, 4, 4]"
      ),
      (WindowAttributes(dilations: [2]), [1, 3, 9], [6, 3, 3], "f32[1, 6, 5]"),
      (WindowAttributes(), [1, 3, 4, 5, 6], [6, 3, 2, 2, 2], "f32[1, 6, 3, 4, 5]"),
    ] as [(WindowAttributes, [IndexExpr], [IndexExpr], String)])
  func conv(window: WindowAttributes, x: [IndexExpr], w: [IndexExpr], expected: String) throws {
    #expect(
      try OperatorCase([.type(.f32, x), .type(.f32, w)]).types(Conv(window: window)) == [expected])
  }

  @Test(
    arguments: [
      ([1, 4, 8, 8], [6, 3, 3, 3], "shape.channel-mismatch"),
      ([1, 3, 2, 2], [6, 3, 3, 3], "shape.window"),
      ([1, 3], [6, 3], "shape.rank"),
      ([1, 3, 8], [6, 3, 3, 3], "shape.rank"),
    ] as [([IndexExpr], [IndexExpr], String)])
  func convRefuses(x: [IndexExpr], w: [IndexExpr], id: String) {
    let problem = OperatorCase([.type(.f32, x), .type(.f32, w)])
    #expect(diagnosticID { () throws(Diagnostic) in _ = try problem.types(Conv()) } == id)
  }

  @Test func samePaddingOfOddTotals() throws {
    let upper = WindowAttributes(strides: [2], autoPad: .sameUpper)
    let lower = WindowAttributes(strides: [2], autoPad: .sameLower)
    for (window, pads) in [(upper, (0, 1)), (lower, (1, 0))] {
      let axis = try #require(
        try window.geometry(input: [8], kernel: [3]).numbers?.first)
      #expect((axis.padBegin, axis.padEnd) == pads)
    }
  }

  @Test func transposed() throws {
    let inputs = OperatorCase([.type(.f32, [n, 4, h, 3]), .type(.f32, [4, 2, 3, 3])])
    let doubled = ConvTranspose(
      group: 2, window: WindowAttributes(strides: [2, 2], pads: [1, 1, 1, 1]),
      outputPadding: [1, 1])
    #expect(try inputs.types(doubled) == ["f32[N, 4, 2 * H, 6]"])
    let fixed = ConvTranspose(window: WindowAttributes(strides: [2, 2]), outputShape: [9, 8])
    #expect(try inputs.types(fixed) == ["f32[N, 2, 9, 8]"])
  }
}

@Suite struct ConvolutionReferenceTests {
  @Test func sumsNeighbours() throws {
    let y = try run(
      Conv(window: WindowAttributes(pads: [1, 1, 1, 1])), ramp(1, 1, 3, 3), ones(1, 1, 3, 3),
      Tensor([Float(0.5)], shape: [1]))[0]
    #expect(
      y.array(of: Float.self) == [8.5, 15.5, 12.5, 21.5, 36.5, 27.5, 20.5, 33.5, 24.5])
  }

  @Test func groupsSeeTheirOwnChannels() throws {
    let w = Tensor([Float(10), 100], shape: [2, 1, 1])
    let y = try run(Conv(group: 2), ramp(1, 2, 2), w)[0]
    #expect(y.array(of: Float.self) == [0, 10, 200, 300])
  }

  /// Large enough for f32 sums by panels; small integers keep both ways exact.
  @Test(arguments: [1, 2])
  func panelsAgreeWithTheDefinition(stride: Int) throws {
    let window = WindowAttributes(
      strides: [stride, stride], dilations: [1, 2], pads: [2, 0, 1, 3])
    let x = Tensor((0..<2 * 8 * 23 * 29).map { Float($0 % 7) - 3 }, shape: [2, 8, 23, 29])
    let w = Tensor((0..<36 * 4 * 9).map { Float($0 % 5) - 2 }, shape: [36, 4, 3, 3])
    let fast = try run(Conv(group: 2, window: window), x, w)[0]
    let exact = try run(
      Conv(group: 2, window: window), Tensor(x.doubles, shape: x.shape),
      Tensor(w.doubles, shape: w.shape))[0]
    #expect(fast.doubles == exact.doubles)
  }

  @Test func transposedScattersKernels() throws {
    let y = try run(
      ConvTranspose(window: WindowAttributes(strides: [2])),
      Tensor([Float(1), 2], shape: [1, 1, 2]),
      Tensor([Float(1), 10, 100], shape: [1, 1, 3]))[0]
    #expect(y.array(of: Float.self) == [1, 10, 102, 20, 200])
  }

  @Test func integersSubtractZeroPoints() throws {
    let x = Tensor([UInt8(3), 5, 255], shape: [1, 1, 3])
    let w = Tensor([Int8(-1), 2], shape: [1, 1, 2])
    let y = try run(
      ConvInteger(), x, w, Tensor(scalar: UInt8(3)), Tensor(scalar: Int8(1)))[0]
    #expect(y.array(of: Int32.self) == [2, 248])
  }

  @Test func quantizedRoundsHalfToEvenAndSaturates() throws {
    let y = try run(
      QLinearConv(), Tensor([Int8(1), 3, 100], shape: [1, 1, 3]), Tensor(scalar: Float(0.5)),
      Tensor(scalar: Int8(0)), Tensor([Int8(1)], shape: [1, 1, 1]), Tensor(scalar: Float(1)),
      Tensor(scalar: Int8(0)), Tensor(scalar: Float(1)), Tensor(scalar: Int8(90)))[0]
    #expect(y.array(of: Int8.self) == [90, 92, 127])
  }

  @Test func refusesOtherZeroPoints() {
    let x = Tensor([UInt8(3), 5], shape: [1, 1, 2])
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try run(ConvInteger(), x, x, Tensor([UInt8(1), 2], shape: [2]))
      } == "shape.zero-point")
  }

  @Test func col2imAddsOverlaps() throws {
    let y = try run(
      Col2Im(), ones(1, 2, 2), i64(3), i64(2))[0]
    #expect(y.array(of: Float.self) == [1, 2, 1])
  }
}
