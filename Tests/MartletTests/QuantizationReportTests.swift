import Foundation
import FoundationXML
import IR
import Martlet
import Tensors
import Testing

/// The report of `digits_mlp`, whose first layer reads the image alone and so can be computed again by hand.
@Suite("Quantization reports") struct QuantizationReportTests {
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Models")
  private static let sampleCount = 24
  private static let first = "dense1.product"

  private struct Finding {
    let model: Model
    let samples: DatasetSamples
    let outcome: QuantizationOutcome
    let report: QuantizationReport
  }

  private static func find(
    _ name: String, _ change: (inout QuantizeOptions) -> Void = { _ in }
  ) throws -> Finding {
    var model = try Model(contentsOf: models.appendingPathComponent("\(name).onnx").path)
    try model.prepareForQuantization()
    let samples = try DatasetSamples(
      models.appendingPathComponent("digits_eval.npz").path, for: Signature(model.graph),
      limit: sampleCount)
    var options = QuantizeOptions()
    options.collectsEvidence = true
    change(&options)
    let outcome = try model.quantizationPlan(samples, options)
    var quantized = model
    try quantized.quantize(outcome.plan)
    let report = try model.quantizationReport(
      outcome, quantized: quantized, inputs: try samples.inputs(0), options, seconds: 0)
    return Finding(model: model, samples: samples, outcome: outcome, report: report)
  }

  @Test("holds every layer, the worst first, and adds up")
  func holdsEveryLayer() throws {
    let found = try Self.find("digits_cnn")
    let (report, summary) = (found.report, found.outcome.summary)
    #expect(Set(report.layers.map(\.name)) == Set(summary.nodes.map(\.name)))
    #expect(zip(report.layers, report.layers.dropFirst()).allSatisfy { $0.damage >= $1.damage })
    #expect(abs(report.layers.map(\.damageShare).reduce(0, +) - 1) < 1e-9)
    #expect(abs(report.layers.map(\.plannedDamage).reduce(0, +) - report.predictedDamage) < 1e-12)
    #expect(report.damage == summary.damage)
    #expect(report.samples.ranges == Self.sampleCount)
    #expect(report.weightBytes.quantized < report.weightBytes.float / 2)
    let times = try #require(report.times)
    #expect(times.floatMilliseconds > 0 && times.quantizedMilliseconds > 0)
    let convolutions = report.layers.filter { $0.op == "Conv" }
    #expect(convolutions.count == 3)
    #expect(convolutions.allSatisfy { $0.floatMilliseconds != nil })
    #expect(convolutions.allSatisfy { $0.quantizedMilliseconds != nil })
    for layer in report.layers {
      for activation in layer.activations {
        let counted = activation.histogram.counts.reduce(0, +) + activation.histogram.zeroCount
        #expect(counted == activation.elementCount)
        #expect(activation.low <= 0 && activation.high > 0)
        #expect((0..<1).contains(activation.clippedShare))
      }
      #expect(layer.methodDamages.contains { $0.method == "minmax" })
    }
  }

  /// Numbers of the first layer's weight by output and input channel: it is a MatMul's, `y = x W`.
  private static func matrix(_ tensor: Tensor, inputs: Int) -> [[Double]] {
    let values = tensor.doubles
    let outputs = tensor.elementCount / inputs
    return (0..<outputs).map { row in
      (0..<inputs).map { values[$0 * outputs + row] }
    }
  }

  @Test("signal-to-noise ratios, ranges and counts are those that a plain computation gives")
  func agreesWithPlainComputation() throws {
    let found = try Self.find("digits_mlp")
    let layer = try #require(found.report.layers.first { $0.name == Self.first })
    let activation = try #require(layer.activations.first)
    let graph = found.model.graph
    let node = try #require(graph.nodeIDs.first { graph[$0].name == Self.first })
    let weights = Self.matrix(try #require(graph.constant(graph[node].inputs[1])), inputs: 64)
    let bias = try #require(graph.constant(graph[node].inputs[2])).doubles
    let line = found.outcome.plan.text.split(separator: "\n").first {
      $0.hasPrefix("bias \"\(Self.first)\"")
    }
    let numbers = line?.split(separator: " ").dropFirst(2).compactMap { Double($0) }
    let corrections = numbers ?? bias.map { _ in 0 }
    let rounded = weights.map { row in
      let scale = (row.map(\.magnitude).max() ?? 0) / 127
      return row.map { ($0 / scale).rounded(.toNearestOrEven) * scale }
    }
    func result(_ x: [Double], _ weights: [[Double]], _ bias: [Double]) -> [Double] {
      zip(weights, bias).map { row, bias in max(zip(row, x).reduce(bias) { $0 + $1.0 * $1.1 }, 0) }
    }
    var (signal, noise) = (0.0, 0.0)
    var (seen, zeros) = ([Double](), 0)
    for sample in 0..<Self.sampleCount {
      let x = try #require(try found.samples.inputs(sample)["image"]).doubles
      seen += x
      zeros += x.count { $0 == 0 }
      guard sample < found.report.samples.layers else { continue }
      let q = x.map { value in
        let integer =
          (value / activation.scale).rounded(.toNearestOrEven)
          + Double(activation.zeroPoint)
        return (min(max(integer, 0), 255) - Double(activation.zeroPoint)) * activation.scale
      }
      let exact = result(x, weights, bias)
      let quantized = result(q, rounded, zip(bias, corrections).map { $0 + $1 })
      signal += exact.reduce(0) { $0 + $1 * $1 }
      noise += zip(exact, quantized).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let expected = 10 * log10(signal / noise)
    #expect(abs(try #require(layer.isolatedDecibels) - expected) < 0.05)
    // Nothing before the first layer is quantized.
    #expect(layer.cumulativeDecibels == layer.isolatedDecibels)
    #expect(activation.minimum == seen.min())
    #expect(activation.maximum == seen.max())
    #expect(activation.histogram.zeroCount % zeros == 0)
    let magnitudes = weights.map { $0.map(\.magnitude).max() ?? 0 }.sorted()
    let weight = try #require(layer.weights.first)
    #expect(weight.channelMagnitudes.first == magnitudes.first)
    #expect(weight.channelMagnitudes.last == magnitudes.last)
    #expect(abs(weight.greatestScale - (magnitudes.last ?? 0) / 127) < 1e-6)
  }

  @Test("later layers lose more with everything before them than alone")
  func cumulates() throws {
    let layers = try Self.find("digits_mlp").report.layers
    let last = try #require(layers.max { $0.place < $1.place })
    let (alone, whole) = (last.isolatedDecibels, last.cumulativeDecibels)
    #expect(try #require(whole) < #require(alone))
  }

  @Test("nothing is measured that was not asked for")
  func asksForEvidence() throws {
    let report = try Self.find("digits_mlp") { $0.collectsEvidence = false }.report
    #expect(report.layers.isEmpty)
  }

  @Test("says what is float, and why")
  func saysFloat() throws {
    let found = try Self.find("digits_mlp") { $0.keepFloat = ["dense2"] }
    let layer = try #require(found.report.layers.first { $0.name == "dense2" })
    #expect(layer.bits == 32)
    #expect(layer.reason == "as asked")
    #expect(layer.plannedDamage == 0)
    #expect(layer.damage > 0)
    #expect(found.report.integerShare < 1)
  }

  /// Collects what a reader of the page would find.
  private final class Reader: NSObject, XMLParserDelegate {
    var rows: [String] = []
    var details: [String] = []
    var text = ""
    var pictures = 0

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      if let place = attributes["data-layer"] {
        if name == "tr" { rows.append(place) }
        if name == "details" { details.append(place) }
      }
      if name == "svg", attributes["class"] == "histogram" {
        if attributes["aria-label"]?.isEmpty == false { pictures += 1 }
      }
    }

    func parser(_ parser: XMLParser, foundCharacters found: String) { text += found }
  }

  @Test("the page is well-formed, holds every layer, and escapes names that are markup")
  func pageHoldsEveryLayer() throws {
    let hostile = "</script><img src=x onerror=alert(1)>&amp;\"'\u{1}"
    let report = try Self.find("digits_mlp").report
    let quoted = String(decoding: try JSONEncoder().encode(hostile), as: UTF8.self)
    let changed = try report.json().replacingOccurrences(of: "\"\(Self.first)\"", with: quoted)
    let renamed = try JSONDecoder().decode(QuantizationReport.self, from: Data(changed.utf8))
    #expect(renamed.layers.contains { $0.name == hostile })
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("report.html").path
    try renamed.write(to: path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report.html"])
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let reader = Reader()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError)), line \(parser.lineNumber)")
    let places = renamed.layers.map { "\($0.place)" }
    #expect(reader.rows == places)
    #expect(reader.details == places)
    #expect(reader.pictures == renamed.layers.flatMap(\.activations).count)
    #expect(reader.text.contains("</script><img src=x onerror=alert(1)>&amp;\"'"))
    #expect(!page.contains("<img"))
    for word in ["http://", "https://"] {
      let others = page.replacingOccurrences(of: "http://www.w3.org/1999/xhtml", with: "")
      #expect(!others.contains(word), "the page asks for something from a network")
    }
  }

  @Test("JSON reads back as it was written")
  func readsBack() throws {
    let report = try Self.find("digits_transformer").report
    let text = try report.json()
    let again = try JSONDecoder().decode(QuantizationReport.self, from: Data(text.utf8))
    #expect(try again.json() == text)
  }
}
