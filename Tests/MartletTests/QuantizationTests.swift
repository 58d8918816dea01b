import Foundation
import IR
import Martlet
import Tensors
import Testing

/// The trained models of `Models/`, quantized: they classify nearly as many samples correctly as in float.
@Suite("Quantization of the trained models") struct QuantizationTests {
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Models")
  private static let calibrationCount = 60

  private static func path(_ file: String) -> String { models.appendingPathComponent(file).path }

  /// How many of the samples behind the calibration's are classified correctly.
  private static func correctCount(_ model: Model) throws -> Int {
    let data = try NumpyArchive.read(path("digits_eval.npz"))
    let images = try #require(data["image"])
    let labels = try #require(data["labels"]?.integers)
    let outputs = try model.executor(.native, threads: 1).run([.tensor(images)])
    let scores = try #require(outputs.first?.tensor)
    let values = scores.doubles
    let classCount = scores.shape[1]
    return labels.indices.dropFirst(calibrationCount).count { sample in
      let row = values[sample * classCount..<(sample + 1) * classCount]
      return row.indices.max { row[$0] < row[$1] } == row.startIndex + labels[sample]
    }
  }

  @Test(
    "loses at most 3 of 300 samples",
    arguments: ["digits_cnn", "digits_dw", "digits_mlp", "digits_transformer"])
  func keepsAccuracy(_ name: String) throws {
    let float = try Model(contentsOf: Self.path("\(name).onnx"))
    var model = float
    try model.prepareForQuantization()
    let samples = try DatasetSamples(
      Self.path("digits_eval.npz"), for: Signature(model.graph), limit: Self.calibrationCount)
    let outcome = try model.quantizationPlan(samples)
    try model.quantize(outcome.plan)
    let summary = outcome.summary
    #expect(summary.integerShare >= 0.95)
    #expect(summary.rangeSampleCount == Self.calibrationCount)
    let names = model.graph.nodeIDs.map { model.graph[$0].opName }
    #expect(names.contains("QuantizeLinear"))
    #expect(try Self.correctCount(model) >= Self.correctCount(float) - 3)
  }

  @Test("a written model reads back with the same results")
  func readsBack() throws {
    var model = try Model(contentsOf: Self.path("digits_cnn.onnx"))
    try model.prepareForQuantization()
    let samples = try DatasetSamples(
      Self.path("digits_eval.npz"), for: Signature(model.graph), limit: 8)
    var options = QuantizeOptions()
    options.method = .minmax
    try model.quantize(try model.quantizationPlan(samples, options).plan)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).onnx").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try model.export(to: file)
    let again = try Model(contentsOf: file)
    let input = try #require(try samples.inputs(3)["image"])
    let expected = try model.executor(.interpreter).run([.tensor(input)])[0].tensor
    let found = try again.executor(.interpreter).run([.tensor(input)])[0].tensor
    #expect(try #require(expected).doubles == #require(found).doubles)
  }
}
