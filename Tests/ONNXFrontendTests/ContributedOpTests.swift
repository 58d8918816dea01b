import Diagnostics
import IR
import ONNXFrontend
import Tensors
import Testing

/// Operators of onnxruntime, which become those of the standard.
@Suite struct ContributedOpTests {
  private func model(
    _ node: NodeSketch, shape: [Int], _ initializers: [TensorSketch] = []
  ) -> ModelSketch {
    var sketch = ModelSketch(
      GraphSketch(
        inputs: [ValueSketch("x", .f32, shape.map { DimensionSketch(integerLiteral: $0) })],
        outputs: [ValueSketch("y", .f32, nil)],
        nodes: [node], initializers: initializers))
    sketch.opsets.append(("com.microsoft", 1))
    return sketch
  }

  private func node(
    _ op: String, _ inputs: [String], _ attributes: [(String, AttributeSketch)] = []
  ) -> NodeSketch {
    NodeSketch(op, inputs, ["y"], name: "n", domain: "com.microsoft", attributes)
  }

  private func names(_ graph: Graph) -> [String] { graph.nodeIDs.map { graph[$0].opName } }

  private func isNear(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }
  }

  @Test func layersWithFunctionsBehindThem() throws {
    let weights = TensorSketch("w", floats: [1, -1], [2, 1, 1, 1])
    let other = TensorSketch("z", floats: [0.5, 0.5], [1, 2, 1, 1])
    let graph = try imported(
      model(
        node(
          "FusedConv", ["x", "w", "", "z"],
          [("activation", .string("LeakyRelu")), ("activation_params", .floats([0.5]))]),
        shape: [1, 1, 1, 1], [weights, other]))
    #expect(names(graph) == ["Conv", "Add", "LeakyRelu"])
    #expect(graph.outputs.map { graph[$0].name } == ["y"])
    #expect(isNear(try run(graph, [2], shape: [1, 1, 1, 1])[0].doubles, [2.5, -0.75]))
  }

  @Test func unknownFunctionsAreRefused() throws {
    let weights = TensorSketch("w", floats: [1, -1], [2, 1])
    let sketch = model(
      node("FusedGemm", ["x", "w"], [("activation", .string("Sinus"))]), shape: [1, 2], [weights])
    #expect(problems(in: try sketch.write()).map(\.id) == ["attribute.value"])
  }

  @Test func productsOfTransposedOperands() throws {
    let b = TensorSketch("b", floats: [1, 2, 3, 4, 5, 6], [1, 3, 2])
    let graph = try imported(
      model(
        node("FusedMatMul", ["x", "b"], [("transB", .int(1)), ("alpha", .float(0.5))]),
        shape: [1, 1, 2], [b]))
    #expect(names(graph) == ["Transpose", "MatMul", "Mul"])
    #expect(isNear(try run(graph, [2, 4], shape: [1, 1, 2])[0].doubles, [5, 11, 17]))
  }

  @Test(arguments: [("Gelu", 1.9544997), ("FastGelu", 1.9545977), ("QuickGelu", 1.9356586)])
  func functions(name: String, atTwo: Double) throws {
    let graph = try imported(model(node(name, ["x"]), shape: [1]))
    #expect(isNear(try run(graph, [2], shape: [1])[0].doubles, [atTwo]))
  }

  @Test func weightsOfFourBits() throws {
    // Rows 1, 2, ..., 16 less 8 in two scales; 3 columns of K are left of 16.
    let bytes = TensorSketch(
      "w", .u8, [2, 1, 8],
      raw: [0x98, 0x0A, 0, 0, 0, 0, 0, 0, 0x07, 0x0F, 0, 0, 0, 0, 0, 0])
    let scales = TensorSketch("s", floats: [0.5, 2], [2])
    let graph = try imported(
      model(
        node(
          "MatMulNBits", ["x", "w", "s"],
          [("K", .int(3)), ("N", .int(2)), ("block_size", .int(16))]), shape: [1, 3],
        [bytes, scales]))
    // [0, 1, 2] * 0.5 and [-1, -8, 7] * 2.
    #expect(isNear(try run(graph, [1, 10, 100], shape: [1, 3])[0].doubles, [105, 1238]))
  }

  @Test func sumsAreNormalized() throws {
    let gamma = TensorSketch("g", floats: [1, 2], [2])
    let skip = TensorSketch("k", floats: [1, 0], [1, 2])
    let graph = try imported(
      model(node("SkipLayerNormalization", ["x", "k", "g"]), shape: [1, 2], [gamma, skip]))
    #expect(isNear(try run(graph, [0, 3], shape: [1, 2])[0].doubles, [-1, 2]))
    let root = try imported(
      model(
        node("SkipSimplifiedLayerNormalization", ["x", "k", "g"]), shape: [1, 2], [gamma, skip]))
    let length = (8.5).squareRoot()
    #expect(isNear(try run(root, [0, 4], shape: [1, 2])[0].doubles, [1 / length, 8 / length]))
  }

  @Test func weightsOfEightBits() throws {
    let bytes = TensorSketch(
      "w", .u8, [1, 1, 16], raw: [129, 0, 255] + Array(repeating: 128, count: 13))
    let graph = try imported(
      model(
        node(
          "MatMulNBits", ["x", "w", "s"],
          [("K", .int(3)), ("N", .int(1)), ("block_size", .int(16)), ("bits", .int(8))]),
        shape: [1, 3], [bytes, TensorSketch("s", floats: [0.5], [1])]))
    #expect(isNear(try run(graph, [1, 10, 100], shape: [1, 3])[0].doubles, [5710.5]))
  }

  /// Two heads of two numbers; the results are onnxruntime's.
  @Test(
    arguments: [
      ([], [2.3209541, 3.3209541, 4.3209538, 5.3209538]),
      (["b"], [3.2439599, 4.3689599, 5.4939599, 6.6189599]),
      (["", "m"], [1, 2, 3, 4]),
      (["", "", "", "pk", "pv"], [0.988879, 1.587767, 1.832191, 1.104265]),
    ])
  func headsSideBySide(others: [String], expected: [Double]) throws {
    let graph = try imported(
      model(
        node(
          "MultiHeadAttention", ["x", "k", "v"] + others, [("num_heads", .int(2))]),
        shape: [1, 1, 4],
        [
          TensorSketch("k", floats: [1, 2, 0, 1, 0, 1, 1, 0], [1, 2, 4]),
          TensorSketch("v", floats: [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4]),
          TensorSketch("b", floats: (0..<12).map { Float($0) / 8 }, [12]),
          TensorSketch("m", .i32, [1, 2], raw: [1, 0, 0, 0, 0, 0, 0, 0]),
          TensorSketch("pk", floats: [1, 1, 0, 2], [1, 2, 1, 2]),
          TensorSketch("pv", floats: [-1, -1, 0, -2], [1, 2, 1, 2]),
        ]))
    #expect(isNear(try run(graph, [1, 0, 0, 1], shape: [1, 1, 4])[0].doubles, expected))
  }

  @Test("keys behind their number get no weight")
  func attention() throws {
    // Queries and keys are zero, values what comes in: the mean of the keys that are seen.
    let weights = TensorSketch("w", floats: [0, 0, 1], [1, 3])
    let mask = TensorSketch("m", .i32, [1], raw: [2, 0, 0, 0])
    let graph = try imported(
      model(
        node("Attention", ["x", "w", "", "m"], [("num_heads", .int(1))]), shape: [1, 3, 1],
        [weights, mask]))
    #expect(names(graph).contains("Attention"))
    #expect(isNear(try run(graph, [1, 3, 50], shape: [1, 3, 1])[0].doubles, [2, 2, 2]))
  }
}
