public import ArgumentParser
import Diagnostics
import Foundation
import IR
public import Martlet

/// A float model as an int8 model.
struct Quantize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Quantize a float model to int8, as a standard ONNX model with QuantizeLinear.",
    discussion: """
      Ranges come from samples of the inputs. What quantizing a node alone does to the model's outputs is measured, \
      and the nodes that do most harm stay float until the rest is within the budget. \
      A plan that exists is read and carried out; one that does not is written.
      """)

  @OptionGroup var options: ModelOptions
  @OptionGroup var code: CodeOptionGroup
  @Option(
    help: ArgumentHelp(
      "A dataset (docs/calibration.md): a folder of images or arrays, or an .npz with samples along the first axis.",
      valueName: "DATA"),
    completion: .file())
  var calibration: String?
  @Option(
    name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["onnx"]))
  var output: String
  @Option(
    help:
      "How ranges are chosen: minmax, percentile, entropy, mse or auto, the least harmful for each tensor."
  )
  var method = QuantizeOptions.Method.auto
  @Flag(help: "One scale for a whole weight instead of one per output channel.")
  var perTensor = false
  @Flag(help: "Activations as int8 with zero point 0 instead of uint8.") var symmetric = false
  @Option(help: ArgumentHelp("Leave this node float (repeatable).", valueName: "NODE"))
  var keepFloat: [String] = []
  @Option(
    help: ArgumentHelp(
      "The damage that is accepted: mean KL divergence of class probabilities (default 0.001), or relative squared error of other outputs (default 0.01).",
      valueName: "DAMAGE"))
  var budget: Double?
  @Option(
    help: ArgumentHelp(
      "The part of all multiply-accumulates that may stay float.", valueName: "SHARE"))
  var maxFloatShare = 0.05
  @Option(
    help: ArgumentHelp("The plan: read where the file exists, else written.", valueName: "FILE"),
    completion: .file())
  var plan: String?
  @Option(
    help: ArgumentHelp(
      "Keep statistics of values in this file, and go on with those that are there.",
      valueName: "FILE"), completion: .file(extensions: ["json"]))
  var statistics: String?
  @Option(
    help: ArgumentHelp(
      "Write what was decided, why and what it does: a page, or JSON where the name ends in .json (repeatable).",
      valueName: "FILE"), completion: .file(extensions: ["html", "json"]))
  var report: [String] = []
  @Option(help: ArgumentHelp("The most samples to use.", valueName: "N")) var samples = 512
  @Option(help: "What runs the model: native or interpreter.") var engine = Engine.native
  @Option(help: "The most threads to use; 0 is all.") var threads = 0
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var model = try options.load()
    try model.prepareForQuantization()
    if let plan, FileManager.default.fileExists(atPath: plan) {
      guard report.isEmpty else {
        throw ValidationError(
          "--report tells how a plan was found: expected --plan FILE with a file that does not exist"
        )
      }
      try model.quantize(try QuantizationPlanFile(contentsOf: plan))
      try model.export(to: output)
      if !json { print("\(output): quantized as \(plan) says") }
      return
    }
    guard let calibration else {
      throw ValidationError("expected --calibration DATA, or --plan FILE with a plan that exists")
    }
    let data = try DatasetSamples(calibration, for: Signature(model.graph), limit: samples)
    let progress = PhaseProgress()
    let start = ContinuousClock().now
    let settings = try settings()
    let float = model
    let outcome = try model.quantizationPlan(data, settings) { phase, done, total in
      progress.report(phase, done, total)
    }
    progress.finish()
    for warning in outcome.warnings.diagnostics { Console.error(warning.description) }
    options.common.log("plan: \((ContinuousClock().now - start) / .seconds(1)) s")
    try model.quantize(outcome.plan)
    try model.export(to: output)
    if let plan { try TextFile.write(outcome.plan.text, to: plan) }
    if !report.isEmpty {
      let found = try float.quantizationReport(
        outcome, quantized: model, inputs: try data.inputs(0), settings)
      for path in report { try found.write(to: path) }
    }
    if json { return try Console.json(outcome.summary) }
    print(QuantizationText(outcome.summary).text)
    print("\(output): \(model.graph.nodeIDs.count) nodes")
  }

  private func settings() throws -> QuantizeOptions {
    var settings = QuantizeOptions()
    settings.method = method
    settings.perTensor = perTensor
    settings.symmetric = symmetric
    settings.keepFloat = keepFloat
    settings.budget = budget
    settings.largestFloatShare = maxFloatShare
    settings.statistics = statistics
    settings.collectsEvidence = !report.isEmpty
    settings.threads = threads
    settings.engine = engine
    settings.code = try code.options()
    return settings
  }
}

extension QuantizeOptions.Method: ExpressibleByArgument {}
