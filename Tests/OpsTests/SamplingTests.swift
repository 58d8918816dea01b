import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let h = IndexExpr.symbol("H")

private func f32(_ values: Float...) -> Tensor { Tensor(values, shape: [values.count]) }

@Suite struct ResizeTests {
  @Test(
    arguments: [
      (f32(1, 1, 2, 0.5), "f32[1, 3, 2 * H, 4]"),
      (f32(1, 1, 0.5, 2), "f32[1, 3, floordiv(H, 2), 16]"),
      (f32(1, 1, 0.3, 1), "f32[1, 3, n.0.2, 8]"),
    ])
  func scalesGiveShapes(scales: Tensor, expected: String) throws {
    let problem = OperatorCase([.type(.f32, [1, 3, h, 8]), .omitted, .constant(scales)])
    #expect(try problem.types(Resize()) == [expected])
  }

  @Test func sizesGiveShapes() throws {
    let problem = OperatorCase([
      .type(.f32, [1, 3, 4, 8]), .omitted, .omitted, .contents([h * 2, 16]),
    ])
    #expect(try problem.types(Resize(axes: [2, 3])) == ["f32[1, 3, 2 * H, 16]"])
    let policy = OperatorCase([
      .type(.f32, [4, 8]), .omitted, .omitted, .constant(i64(8, 8)),
    ])
    #expect(try policy.types(Resize(policy: .notLarger)) == ["f32[4, 8]"])
    #expect(try policy.types(Resize(policy: .notSmaller)) == ["f32[8, 16]"])
  }

  @Test(arguments: [f32(1, 2, 3), f32(0), f32(-1)])
  func refusesScales(scales: Tensor) {
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try run(Resize(), Tensor([Float(1), 2], shape: [2]), nil, scales)
      } == "shape.resize")
  }

  private static let interpolations: [(op: Resize, expected: [Double])] = [
    (Resize(), [1, 1, 2, 2]),
    (Resize(mode: .linear), [1, 1.25, 1.75, 2]),
    (
      Resize(mode: .linear, coordinates: .alignCorners),
      [1, 1.3333333333333333, 1.6666666666666667, 2]
    ),
    (Resize(mode: .linear, coordinates: .asymmetric), [1, 1.5, 2, 2]),
    (Resize(coordinates: .asymmetric, nearestMode: .ceil), [1, 2, 2, 2]),
  ]

  @Test(arguments: interpolations)
  func interpolates(op: Resize, expected: [Double]) throws {
    let y = try run(op, Tensor([1.0, 2], shape: [2]), nil, f32(2))[0].doubles
    #expect(zip(y, expected).allSatisfy { ($0 - $1).magnitude < 1e-12 } && y.count == 4)
  }

  @Test func sharesAddUpToOne() {
    let axis = ResizedAxis(input: 10, output: 4, scale: 0.4)
    for cubic in [nil, -0.75] as [Double?] {
      for o in 0..<4 {
        let taps = axis.taps(
          o, .halfPixel, cubic: cubic, antialias: true, excludeOutside: false)
        #expect((taps.reduce(0) { $0 + $1.weight } - 1).magnitude < 1e-12)
      }
    }
  }

  @Test func stringsMoveToo() throws {
    let x = Tensor(strings: ["a", "b"], shape: [2])
    #expect(try run(Resize(), x, nil, f32(2))[0].strings == ["a", "a", "b", "b"])
  }

  @Test func upsampleBecomesResize() throws {
    var node = ImportedNode(
      name: "u", domain: "", op: "Upsample", opset: 7, inputs: [.value("x")], outputs: ["y"],
      attributes: Attributes { $0.floats("scales", [1, 2]) })
    try Upsample.upgrade(&node)
    #expect(node.op == "Resize" && node.inputs.count == 3)
    var reader = AttributeReader(node.attributes, opset: 7, inputCount: 3, outputCount: 1)
    let op = try Resize(&reader)
    try reader.finish()
    #expect(op.coordinates == .asymmetric && op.nearestMode == .floor)
  }
}

@Suite struct GridTests {
  @Test func identityGridKeepsTheImage() throws {
    let theta = Tensor([1.0, 0, 0, 0, 1, 0], shape: [1, 2, 3])
    let grid = try run(AffineGrid(), theta, i64(1, 1, 2, 3))[0]
    #expect(grid.shape == [1, 2, 3, 2])
    let x = Tensor([1.0, 2, 3, 4, 5, 6], shape: [1, 1, 2, 3])
    let y = try run(GridSample(), x, grid)[0].doubles
    #expect(zip(y, x.doubles).allSatisfy { ($0 - $1).magnitude < 1e-12 })
  }

  @Test(
    arguments: [
      (.zeros, 0), (.border, 2), (.reflection, 1),
    ] as [(GridSample.PaddingMode, Double)])
  func outsideTheImage(padding: GridSample.PaddingMode, expected: Double) throws {
    let x = Tensor([1.0, 2], shape: [1, 1, 1, 2])
    let grid = Tensor([2.6, 0.0], shape: [1, 1, 1, 2])
    let y = try run(GridSample(mode: .nearest, padding: padding), x, grid)[0]
    #expect(y.doubles == [expected])
  }
}
