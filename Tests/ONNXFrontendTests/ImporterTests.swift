import Diagnostics
import IR
import ONNXFrontend
import Tensors
import Testing

/// What models may say, and what becomes of it.
struct ImporterTests {
  private static let x = ValueSketch("x")

  private func model(
    _ nodes: [NodeSketch], inputs: [ValueSketch] = [x], outputs: [ValueSketch]? = nil,
    _ initializers: [TensorSketch] = [], functions: [FunctionSketch] = []
  ) -> ModelSketch {
    let open = ValueSketch("y", .f32, nil)
    return ModelSketch(
      GraphSketch(
        inputs: inputs, outputs: outputs ?? [open], nodes: nodes, initializers: initializers),
      functions: functions)
  }

  @Test func keepsNamesAndNamesTheNameless() throws {
    let graph = try imported(
      model([
        NodeSketch("Relu", ["x"], ["a"]), NodeSketch("Relu", ["a"], ["b"], name: "twice"),
        NodeSketch("Relu", ["b"], ["y"], name: "twice"),
      ]))
    #expect(graph.nodeIDs.map { graph[$0].name } == ["Relu_0", "twice", "twice_1"])
    #expect(graph.value(named: "a") != nil)
    #expect(graph.inputs.map { graph[$0].name } == ["x"])
    #expect(graph.outputs.map { graph[$0].name } == ["y"])
  }

  @Test(
    "quantizers of QONNX have one name",
    arguments: ["qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general"])
  func renamesQuantizers(domain: String) throws {
    var sketch = model(
      [NodeSketch("Quant", ["x", "s", "z", "b"], ["y"], domain: domain)],
      [
        TensorSketch("s", floats: [0.5], []), TensorSketch("z", floats: [0], []),
        TensorSketch("b", floats: [4], []),
      ])
    sketch.opsets.append((domain, 1))
    let graph = try imported(sketch)
    #expect(graph.nodeIDs.map { graph[$0].opName } == ["qonnx.custom_op.general.IntQuant"])
  }

  @Test("products of onnxruntime are sums of integers and their scales")
  func expandsIntegerProducts() throws {
    let bytes = TensorSketch("w", .u8, [3, 2], raw: [1, 2, 3, 4, 5, 6])
    let scale = TensorSketch("s", floats: [0.5], [])
    let bias = TensorSketch("b", floats: [1, 2], [2])
    var sketch = model(
      [
        NodeSketch(
          "DynamicQuantizeMatMul", ["x", "w", "s", "", "b"], ["y"], domain: "com.microsoft")
      ], [bytes, scale, bias])
    sketch.opsets.append(("com.microsoft", 1))
    let graph = try imported(sketch)
    #expect(
      graph.nodeIDs.map { graph[$0].opName }
        == ["DynamicQuantizeLinear", "MatMulInteger", "CastLike", "Mul", "Mul", "Add"])
    // The step of 0...5 is 5 / 255: these numbers are whole steps.
    let y = try run(graph, [0, 1, 5, 2, 3, 4], shape: [2, 3])[0].doubles
    let expected = [15.0, 19.0, 16.5, 22.0]
    #expect(zip(y, expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func sortsNodes() throws {
    let graph = try imported(
      model([
        NodeSketch("Neg", ["b"], ["y"], name: "last"),
        NodeSketch("Relu", ["x"], ["a"], name: "first"),
        NodeSketch("Relu", ["a"], ["b"], name: "middle"),
      ]))
    #expect(graph.nodeIDs.map { graph[$0].name } == ["first", "middle", "last"])
  }

  @Test func initializersThatAreInputsAreConstants() throws {
    let graph = try imported(
      model(
        [NodeSketch("Add", ["x", "k"], ["y"])],
        inputs: [Self.x, ValueSketch("k", .f32, [3])], [TensorSketch("k", floats: [1, 2, 3], [3])]))
    #expect(graph.inputs.count == 1)
    #expect(try run(graph, [0, 0, 0, 0, 0, 0], shape: [2, 3])[0].doubles == [1, 2, 3, 1, 2, 3])
  }

  @Test func questionMarksAreNoName() throws {
    let graph = try imported(
      model([NodeSketch("Relu", ["x"], ["y"])], inputs: [ValueSketch("x", .f32, ["?", "?"])]))
    let shape = try #require(graph.tensorType(graph.inputs[0])?.shape)
    #expect(shape[0] != shape[1])
  }

  @Test func dimensionsOfOneNameAreOneSymbol() throws {
    let graph = try imported(
      model(
        [NodeSketch("Add", ["x", "z"], ["y"])],
        inputs: [
          ValueSketch("x", .f32, ["batch size", .open, 4]),
          ValueSketch("z", .f32, ["batch size", .open, -1]),
        ]))
    let shapes = graph.inputs.map { graph.tensorType($0)?.shape ?? [] }
    #expect(shapes[0][0] == shapes[1][0])
    #expect(shapes[0][0].description == "batch_size")
    #expect(shapes[0][1] != shapes[1][1])
    #expect(shapes[1][2].asSymbol != nil)
  }

  @Test func shapeComputationsBecomeNumbers() throws {
    // Reshape to [Shape(x)[0], -1], and a size that goes through floats as Resize's does.
    let graph = try imported(
      model(
        [
          NodeSketch("Shape", ["x"], ["s"]), NodeSketch("Gather", ["s", "zero"], ["n"]),
          NodeSketch("Unsqueeze", ["n", "zeros"], ["n1"]),
          NodeSketch("Cast", ["n1"], ["f"], [("to", .int(1))]),
          NodeSketch("Mul", ["f", "half"], ["g"]),
          NodeSketch("Cast", ["g"], ["i"], [("to", .int(7))]),
          NodeSketch("Concat", ["i", "rest"], ["shape"], [("axis", .int(0))]),
          NodeSketch("Reshape", ["x", "shape"], ["y"]),
        ],
        inputs: [ValueSketch("x", .f32, [8, 3])],
        [
          TensorSketch("zero", ints: [0], []), TensorSketch("zeros", ints: [0], [1]),
          TensorSketch("rest", ints: [-1], [1]), TensorSketch("half", floats: [0.5], []),
        ]))
    #expect(graph.outputs.map { graph[$0].type.description } == ["f32[4, 6]"])
  }

  @Test func declaredNumbersDoNotReplaceSymbolsOfInputs() throws {
    let graph = try imported(
      model(
        [NodeSketch("Relu", ["x"], ["y"])], inputs: [ValueSketch("x", .f32, ["N", 3])],
        outputs: [ValueSketch("y", .f32, [1, 3])]))
    #expect(graph.outputs.map { graph[$0].type.description } == ["f32[N, 3]"])
  }

  @Test(arguments: [
    ("value_int", AttributeSketch.int(3), "i64[]"),
    ("value_ints", .ints([1, 2]), "i64[2]"),
    ("value_float", .float(0.5), "f32[]"),
    ("value_floats", .floats([1, 2, 3]), "f32[3]"),
    ("value_string", .string("a"), "string[]"),
    ("value_strings", .strings(["a", "b"]), "string[2]"),
    ("value", .tensor(TensorSketch("", floats: [1, 2], [2, 1])), "f32[2, 1]"),
  ])
  func constantNodesAreConstants(name: String, value: AttributeSketch, type: String) throws {
    let kind: ElementType = type.hasPrefix("i64") ? .i64 : type.hasPrefix("f32") ? .f32 : .string
    let graph = try imported(
      model(
        [NodeSketch("Constant", [], ["y"], [(name, value)])],
        outputs: [ValueSketch("y", kind, nil)]))
    let id = try #require(graph.outputs.first)
    #expect(graph.constant(id) != nil)
    #expect(graph[id].type.description == type)
    #expect(graph.nodeIDs.isEmpty)
  }

  @Test func typedFieldsAreConverted() throws {
    var half = TensorSketch("h", .f16, [2])
    half.int32s = [0x3c00, 0xc000]
    var flags = TensorSketch("b", .bool, [3], raw: [0, 1, 7])
    flags.int32s = []
    var nibbles = TensorSketch("n", .i4, [3])
    nibbles.int32s = [0xf1, 0x07]
    let graph = try imported(
      model(
        [NodeSketch("Relu", ["x"], ["y"])], [half, flags, nibbles]))
    func constant(_ name: String) -> Tensor? { graph.constant(graph.value(named: name)) }
    #expect(constant("h")?.doubles == [1, -2])
    #expect(constant("b")?.array(of: Bool.self) == [false, true, true])
    #expect(constant("n")?.integers == [1, -1, 7])
    #expect(constant("b")?.withBytes { Array($0) } == [0, 1, 1])
  }

  @Test func functionsAreInlined() throws {
    let inner = FunctionSketch(
      name: "Scaled", inputs: ["a", "unused"], outputs: ["b"], attributes: ["alpha"],
      nodes: [NodeSketch("LeakyRelu", ["a"], ["b"], [("alpha", .reference("alpha", kind: 1))])])
    let outer = FunctionSketch(
      name: "Twice", inputs: ["p"], outputs: ["q", "p"], attributes: ["slope"],
      nodes: [
        NodeSketch(
          "Scaled", ["p"], ["t"], domain: "local", [("alpha", .reference("slope", kind: 1))]),
        NodeSketch("Add", ["t", "t"], ["q"], name: "sum"),
      ])
    let graph = try imported(
      model(
        [
          NodeSketch(
            "Twice", ["x"], ["u", "v"], name: "call", domain: "local", [("slope", .float(0.5))]),
          NodeSketch("Add", ["u", "v"], ["y"]),
        ], functions: [inner, outer]))
    #expect(graph.value(named: "call/t") != nil)
    #expect(graph.nodeIDs.map { graph[$0].name }.contains("call/sum"))
    let found = try run(graph, [-4, 2, 0, 0, 0, 1], shape: [2, 3])
    #expect(found[0].doubles == [-8, 6, 0, 0, 0, 3])
  }

  @Test("what nodes say of shapes holds against what the file declares", arguments: [[2, 4], [2]])
  func warnsAboutOtherShapes(declared: [Int]) throws {
    let shape = declared.map { DimensionSketch(integerLiteral: $0) }
    let sketch = model(
      [NodeSketch("Relu", ["x"], ["y"])], outputs: [ValueSketch("y", .f32, shape)])
    let model = try Importer().importModel(at: try sketch.write())
    #expect(model.warnings.diagnostics.map(\.id) == ["shape.contradiction"])
    let output = try #require(model.graph.outputs.first)
    #expect(model.graph.tensorType(output)?.staticShape == [2, 3])
  }

  @Test func warnsAboutNewerVersions() throws {
    var sketch = model([NodeSketch("Relu", ["x"], ["y"])])
    sketch.irVersion = 99
    sketch.opsets = [("ai.onnx", 99)]
    let model = try Importer().importModel(at: try sketch.write())
    #expect(model.warnings.diagnostics.map(\.id) == ["import.newer-ir", "import.newer-opset"])
    #expect(model.opsets == ["": 99])
  }
}
