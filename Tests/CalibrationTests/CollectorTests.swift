import Calibration
import Diagnostics
import Foundation
import IR
import Interpreter
import Ops
import Synchronization
import Tensors
import Testing

@Suite("Collecting statistics")
struct CollectorTests {
  private static func graph() throws -> Graph {
    let text = """
      graph @doubling(%x: f32[4]) {
        %y = Add(%x, %x) : f32[4]
        return %y
      }
      """
    return try Parser.parse(text, operators: OpCatalog.standard, file: "doubling.ir").graph
  }

  private func collector(_ graph: Graph) throws -> Collector {
    let names = Collector.candidates(in: graph).map { graph[$0].name }
    return try Collector(
      graph, continuing: CalibrationStatistics(modelDigest: "model", values: names))
  }

  private func sample(_ number: Int) -> [Value] {
    var noise = Noise(seed: UInt64(number))
    return [.tensor(Tensor((0..<4).map { _ in noise.normal() }, shape: [4]))]
  }

  private func collect(_ numbers: some Sequence<Int>) throws -> CalibrationStatistics {
    let graph = try Self.graph()
    var collector = try collector(graph)
    for number in numbers {
      try collector.add(
        sample(number), named: "\(number)", digest: "digest \(number)", on: CountingExecutor(graph))
    }
    return collector.statistics
  }

  private func encoded(_ statistics: CalibrationStatistics) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(statistics)
  }

  @Test("Two parts merge into what one run over both gives, byte by byte")
  func mergesExactly() throws {
    let whole = try encoded(try collect(0..<40))
    for cut in [1, 17, 39] {
      var merged = try collect((cut..<40).reversed())
      try merged.merge(try collect(0..<cut))
      #expect(try encoded(merged) == whole)
    }
  }

  @Test("Statistics come back from their encoding")
  func roundTrip() throws {
    let statistics = try collect(0..<10)
    let read = try JSONDecoder().decode(
      CalibrationStatistics.self, from: try encoded(statistics))
    #expect(read == statistics)
  }

  @Test("A sample that was seen is passed over")
  func resumes() throws {
    let graph = try Self.graph()
    var collector = try Collector(graph, continuing: try collect(0..<5))
    let executor = CountingExecutor(graph)
    for number in 0..<8 {
      let isNew = try collector.add(
        sample(number), named: "\(number)", digest: "digest \(number)", on: executor)
      #expect(isNew == (number >= 5))
    }
    #expect(collector.statistics == (try collect(0..<8)))
    #expect(executor.runCount == 3)
  }

  @Test("What is stored does not grow with the number of samples")
  func storedStateIsBounded() throws {
    /// Numbers that the statistics of values hold.
    func storedCount(_ statistics: CalibrationStatistics) -> Int {
      statistics.values.values.reduce(0) {
        $0 + $1.histogram.positive.count + $1.histogram.negative.count
      }
    }
    let few = try collect(0..<100)
    let many = try collect(0..<10_000)
    #expect(many.sampleCount == 10_000)
    #expect(storedCount(many) <= 2 * 2 * Histogram.binCount)
    #expect(storedCount(few) > Histogram.binCount)
  }

  @Test("NaN is an error that names value, node and sample, and leaves the statistics alone")
  func notFinite() throws {
    let graph = try Self.graph()
    for (bad, node) in [(Float.nan, "x"), (.infinity, "x"), (2e38, "y")] {
      var collector = try collector(graph)
      let executor = CountingExecutor(graph)
      try collector.add(sample(1), named: "good", digest: "1", on: executor)
      let before = collector.statistics
      let error = try #require(throws: Diagnostic.self) {
        let input = Value.tensor(Tensor([1, 2, bad, 3] as [Float], shape: [4]))
        try collector.add([input], named: "bad.npy", digest: "2", on: executor)
      }
      #expect(error.id == "calibration.not-finite")
      #expect(error.description.contains("'\(node)'"))
      #expect(error.description.contains("[2]"))
      #expect(error.notes == ["in sample 'bad.npy'"])
      #expect(collector.statistics == before)
    }
  }

  @Test("Statistics that do not belong together are not merged")
  func refusesToMerge() throws {
    func id(_ other: CalibrationStatistics) throws -> String {
      var statistics = try collect(0..<3)
      return try #require(throws: Diagnostic.self) { try statistics.merge(other) }.id
    }
    #expect(
      try id(CalibrationStatistics(modelDigest: "x", values: ["x", "y"])) == "calibration.model")
    #expect(
      try id(CalibrationStatistics(modelDigest: "model", values: ["x"])) == "calibration.values")
    let scaled = CalibrationStatistics(
      modelDigest: "model", values: ["x", "y"], scalings: ["x": [0.5]])
    #expect(try id(scaled) == "calibration.scalings")
    #expect(try id(try collect(2..<5)) == "calibration.overlap")
  }

  @Test("What channels were divided by is kept with the statistics, and is positive")
  func keepsScalings() throws {
    let scaled = CalibrationStatistics(
      modelDigest: "model", values: ["x"], scalings: ["x": [0.5, 3]])
    let data = try JSONEncoder().encode(scaled)
    #expect(try JSONDecoder().decode(CalibrationStatistics.self, from: data) == scaled)
    let text = String(decoding: data, as: UTF8.self)
    let damaged = text.replacingOccurrences(of: "[0.5,3]", with: "[0.5,-3]")
    #expect(damaged != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(CalibrationStatistics.self, from: Data(damaged.utf8))
    }
  }

  @Test("Asking for a value without statistics is an error, a constant one is a warning")
  func unknownAndConstant() throws {
    var statistics = CalibrationStatistics(modelDigest: "model", values: ["a", "b"])
    let error = #expect(throws: Diagnostic.self) { try statistics.range(of: "c", .minmax) }
    #expect(error?.id == "calibration.unknown-value")
    try statistics.values["a"]?.add(Tensor([3, 3] as [Float], shape: [2]))
    #expect(statistics.warnings.diagnostics.map(\.id) == ["calibration.constant"])
    #expect(statistics.warnings.diagnostics[0].description.contains("'a'"))
    #expect(try statistics.range(of: "a", .entropy) == (0, 3))
    #expect(throws: Diagnostic.self) { try statistics.range(of: "b", .minmax) }
  }
}

/// The interpreter, counting its runs.
private final class CountingExecutor: Executor {
  private let interpreter: Interpreter
  private let count = Mutex(0)

  init(_ graph: Graph) { interpreter = Interpreter(graph) }

  var runCount: Int { count.withLock { $0 } }

  func run(
    _ inputs: [Value], taps: Set<ValueID>, tap: (ValueID, Value) -> Void
  ) throws -> [Value] {
    count.withLock { $0 += 1 }
    return try interpreter.run(inputs, taps: taps, tap: tap)
  }
}
