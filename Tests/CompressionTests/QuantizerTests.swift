import Compression
import Diagnostics
import IR
import Interpreter
import Ops
import PassManager
import Passes
import Tensors
import Testing

/// Random numbers around zero, the same for the same sample.
private struct Noise: Samples {
  let count: Int
  let shape: [Int]

  func inputs(_ index: Int) -> [String: Tensor] {
    var state = UInt64(index + 1)
    let values = (0..<shape.elementCount).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 23) - 1
    }
    return ["x": Tensor(values, shape: shape)]
  }
}

@Suite("Quantizer") struct QuantizerTests {
  private static func graph(_ text: String) throws -> Graph {
    try Parser.parse(text, operators: OpCatalog.standard).graph
  }

  private static func quantize(
    _ graph: Graph, _ shape: [Int], _ change: (inout QuantizationOptions) -> Void = { _ in }
  ) throws -> QuantizationResult {
    var options = QuantizationOptions()
    change(&options)
    return try Quantizer(options) { Interpreter($0) }.run(graph, Noise(count: 8, shape: shape))
  }

  /// The second product reads what a large number was added to: 8 bits of it say nothing of the rest.
  private static let blind = """
    graph(%x: f32[1, 4]) {
      %w = constant f32[4, 4] [1.27, 0.5, -0.5, 0.25, 0.5, 1.27, 0.25, -0.5, -0.5, 0.25, 1.27, 0.5, 0.25, -0.5, 0.5, 1.27]
      %a = MatMul(%x, %w) @"first"
      %k = constant f32[4] [1000.0, 1000.0, 1000.0, 1000.0]
      %b = Add(%a, %k) @"offset"
      %c = MatMul(%b, %w) @"second"
      return %c
    }
    """

  @Test("keeps the node float that does the damage")
  func keepsFloat() throws {
    let result = try Self.quantize(try Self.graph(Self.blind), [1, 4]) { $0.largestFloatShare = 1 }
    let kinds = result.nodes.map { ($0.name, $0.precision == .integer) }
    #expect(kinds.map(\.0) == ["first", "second"])
    #expect(kinds.map(\.1) == [true, false])
    #expect(result.damage <= result.budget)
    #expect(result.damageOfAll > result.budget)
  }

  @Test("takes 16 bits where no work may be float")
  func takesWide() throws {
    let result = try Self.quantize(try Self.graph(Self.blind), [1, 4]) { $0.largestFloatShare = 0 }
    #expect(result.nodes.map(\.precision) == [.integer, .wide])
    #expect(result.integerShare == 1)
    #expect(result.damage < result.damageOfAll / 10)
  }

  @Test("heeds what the user keeps float, and refuses names that the model lacks")
  func heedsNames() throws {
    let graph = try Self.graph(Self.blind)
    let result = try Self.quantize(graph, [1, 4]) { $0.keepFloat = ["first"] }
    #expect(result.nodes[0].precision == .float(reason: "as asked"))
    #expect(throws: Diagnostic.self) {
      try Self.quantize(graph, [1, 4]) { $0.keepFloat = ["third"] }
    }
  }

  @Test("what it measures is what the written graph does", arguments: [false, true])
  func measuresTruly(perTensor: Bool) throws {
    let graph = try Self.graph(
      """
      graph(%x: f32[1, 2, 4, 4]) {
        %w = constant f32[2, 2, 1, 1] [1.0, 0.5, -0.25, 0.125]
        %b = constant f32[2] [0.1, -0.2]
        %a = Conv(%x, %w, %b) @"a"
        %r = Relu(%a)
        %p = MaxPool(%r) {kernel_shape = [2, 2]} @"pool"
        %c = Conv(%p, %w, %b) @"c"
        return %c
      }
      """)
    let result = try Self.quantize(graph, [1, 2, 4, 4]) { $0.perTensor = perTensor }
    var quantized = graph
    _ = try PassManager().run(.insertQuantization(result.plan), on: &quantized)
    var error = 0.0
    var power = 0.0
    for index in 0..<8 {
      let inputs = Noise(count: 8, shape: [1, 2, 4, 4]).inputs(index).values.map {
        Value.tensor($0)
      }
      let expected = try #require(try Interpreter(graph).run(inputs)[0].tensor).doubles
      let found = try #require(try Interpreter(quantized).run(inputs)[0].tensor).doubles
      error += zip(expected, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      power += expected.reduce(0) { $0 + $1 * $1 }
    }
    #expect(error > 0)
    #expect(error / power < 1e-3)
    #expect(result.damage < 1e-2)
  }

  @Test("scales channels that share a range badly")
  func migrates() throws {
    let graph = try Self.graph(
      """
      graph(%x: f32[1, 1, 4, 4]) {
        %w = constant f32[2, 1, 1, 1] [100.0, 1.0]
        %a = Conv(%x, %w) @"a"
        %h = Relu(%a)
        %v = constant f32[1, 2, 1, 1] [0.01, -1.0]
        %y = Conv(%h, %v) @"b"
        return %y
      }
      """)
    let result = try Self.quantize(graph, [1, 1, 4, 4]) { $0.largestFloatShare = 0 }
    #expect(result.plan.migrations.map(\.name) == ["h"])
    #expect(result.nodes.map(\.precision) == [.integer, .integer])
    let again = try QuantizationPlan(text: result.plan.text, file: "plan")
    #expect(again == result.plan)
  }

  @Test("the plan reads back as it was written")
  func planReadsBack() throws {
    let result = try Self.quantize(try Self.graph(Self.blind), [1, 4])
    let again = try QuantizationPlan(text: result.plan.text, file: "plan")
    #expect(again.text == result.plan.text)
    #expect(again.nodes == result.plan.nodes)
  }

  @Test(
    "a damaged plan is a message with a line",
    arguments: [
      "values", "martlet quantization plan 1\nvalue \"x\" u8 scale 0 zero 0",
      "martlet quantization plan 1\nvalue \"x\" u8 scale 1 zero 300",
      "martlet quantization plan 1\nvalue \"x\" i8 scale 1 2 zero 0",
      "martlet quantization plan 1\ninteger conv", "martlet quantization plan 1\nint8 \"conv\"",
    ])
  func refusesDamage(_ text: String) throws {
    let error = try #require(throws: Diagnostic.self) {
      try QuantizationPlan(text: text, file: "plan")
    }
    #expect(error.id == "plan.format")
    #expect(error.location != .unknown)
  }
}
