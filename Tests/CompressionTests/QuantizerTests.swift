import Calibration
import Compression
import Diagnostics
import IR
import Interpreter
import Ops
import PassManager
import Passes
import Synchronization
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

  func name(_ index: Int) -> String { "noise \(index)" }
  func digest(_ index: Int) -> String { "\(shape) \(index)" }
}

/// Keeps statistics in memory.
private final class Memory: StatisticsStore {
  private let kept = Mutex<CalibrationStatistics?>(nil)

  var statistics: CalibrationStatistics? { kept.withLock { $0 } }

  func statistics(of graph: Graph, values: [String]) throws -> CalibrationStatistics? {
    try statistics?.check(values: values)
    return statistics
  }

  func empty(
    of graph: Graph, values: [String], scalings: [String: [Float]]
  ) -> CalibrationStatistics {
    CalibrationStatistics(modelDigest: "model", values: values, scalings: scalings)
  }

  func keep(_ statistics: CalibrationStatistics) { kept.withLock { $0 = statistics } }
}

/// Remembers the greatest number of a sample that was read.
private final class Counting: Samples {
  let noise: Noise
  private let greatest = Mutex(-1)

  init(_ noise: Noise) { self.noise = noise }

  var count: Int { noise.count }
  var greatestRead: Int { greatest.withLock { $0 } }

  func inputs(_ index: Int) -> [String: Tensor] {
    greatest.withLock { $0 = max($0, index) }
    return noise.inputs(index)
  }

  func name(_ index: Int) -> String { noise.name(index) }
  func digest(_ index: Int) -> String {
    greatest.withLock { $0 = max($0, index) }
    return noise.digest(index)
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

  private static let scaled = """
    graph(%x: f32[1, 1, 4, 4]) {
      %w = constant f32[2, 1, 1, 1] [100.0, 1.0]
      %a = Conv(%x, %w) @"a"
      %h = Relu(%a)
      %v = constant f32[1, 2, 1, 1] [0.01, -1.0]
      %y = Conv(%h, %v) @"b"
      return %y
    }
    """

  @Test("goes on with statistics, and reads no more samples than it needs then")
  func keepsStatistics() throws {
    let graph = try Self.graph(Self.scaled)
    func run(_ samples: Counting, _ store: Memory?) throws -> QuantizationResult {
      try Quantizer(QuantizationOptions(), store: store) { Interpreter($0) }.run(graph, samples)
    }
    let all = Noise(count: 100, shape: [1, 1, 4, 4])
    let plain = try run(Counting(all), nil)
    #expect(plain.plan.migrations.map(\.name) == ["h"])
    let memory = Memory()
    let half = try run(Counting(Noise(count: 50, shape: [1, 1, 4, 4])), memory)
    #expect(half.sampleCounts.ranges == 50)
    #expect(memory.statistics?.sampleCount == 50)
    // Half of the samples are known, the other half is added.
    let whole = Counting(all)
    let second = try run(whole, memory)
    #expect(second.plan == plain.plan)
    #expect(second.sampleCounts.ranges == 100)
    #expect(whole.greatestRead == 99)
    let kept = try #require(memory.statistics)
    let third = Counting(all)
    #expect(try run(third, memory).plan == plain.plan)
    #expect(third.greatestRead < 64)
    #expect(memory.statistics == kept)
  }

  @Test("statistics are the same whether collected at once or in parts")
  func mergesStatistics() throws {
    let graph = try Self.graph(Self.blind)
    let (parts, once) = (Memory(), Memory())
    for (count, memory) in [(5, parts), (20, parts), (20, once)] {
      _ = try Quantizer(QuantizationOptions(), store: memory) { Interpreter($0) }.run(
        graph, Noise(count: count, shape: [1, 4]))
    }
    #expect(parts.statistics == once.statistics)
  }

  @Test("weights that lie on a grid stay as they are, channel by channel")
  func keepsGrids() throws {
    // The columns are multiples of 0.03 up to 90, of 0.5 up to 1, and of nothing; the last is zero.
    let graph = try Self.graph(
      """
      graph(%x: f32[1, 3]) {
        %w = constant f32[3, 4] [2.7, 0.5, 0.7071, 0.0, -0.39, -0.5, 0.3123, 0.0, 0.03, 0.0, -0.9417, 0.0]
        %y = MatMul(%x, %w) @"layer"
        return %y
      }
      """)
    let result = try Self.quantize(graph, [1, 3]) { $0.method = .minmax }
    let weight = try #require(result.plan.values.first { $0.name == "w" }?.parameters)
    #expect((weight.scales[0] - 0.03).magnitude < 1e-6)
    #expect((weight.scales[2] - 0.9417 / 127).magnitude < 1e-6)
    #expect(weight.scales[3] == 1)
    let id = try #require(graph.value(named: "w"))
    let exact = try #require(graph.constant(id)).doubles
    let rounded = weight.rounded(try #require(graph.constant(id))).doubles
    for index in exact.indices where index % 4 != 2 {
      #expect((exact[index] - rounded[index]).magnitude < 1e-6)
    }
    #expect((exact[2] - rounded[2]).magnitude > 1e-4)
  }

  @Test("warns of a value that never changes")
  func warnsOfConstants() throws {
    let graph = try Self.graph(
      """
      graph(%x: f32[1, 4]) {
        %w = constant f32[4, 4] splat(0.5)
        %zero = constant f32[1, 4] splat(0.0)
        %a = Mul(%x, %zero) @"mute"
        %b = MatMul(%a, %w) @"layer"
        return %b
      }
      """)
    let result = try Self.quantize(graph, [1, 4])
    let warning = try #require(result.warnings.diagnostics.first)
    #expect(warning.id == "calibration.constant")
    #expect(warning.location == .value(model: graph.source, name: "a"))
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
