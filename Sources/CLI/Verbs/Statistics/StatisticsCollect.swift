import ArgumentParser
import Calibration
import Diagnostics
import Foundation
import Martlet

/// Runs a model over a dataset and writes what its values were like.
struct StatisticsCollect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Run a model over a dataset and keep statistics of its values.",
    discussion: """
      One pass is enough for every method of choosing ranges, with one sample in memory at a time. A file that is \
      there already is gone on with: samples that it has seen are passed over. It is saved now and then, so the same \
      command goes on after an interruption.
      """)

  @OptionGroup var options: ModelOptions
  @OptionGroup var code: CodeOptionGroup

  @Option(
    help: ArgumentHelp("The samples: a folder, or one .npz file.", valueName: "DATA"),
    completion: .file())
  var calibration: String
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The statistics, written or gone on with.", valueName: "FILE"),
    completion: .file(extensions: ["json"]))
  var output: String
  @Option(
    help: ArgumentHelp(
      "Watch this value (repeatable; default: every tensor of floats).", valueName: "NAME"))
  var value: [String] = []
  @Option(help: ArgumentHelp("The most samples to look at.", valueName: "N")) var samples: Int?
  @Option(help: "What runs the model: native or interpreter.") var engine = Engine.native
  @Option(help: "The most threads to use; 0 is all.") var threads = 0

  private static let savingInterval = Duration.seconds(10)

  func validate() throws {
    if let samples, samples < 1 {
      throw ValidationError("--samples is \(samples), expected at least 1")
    }
  }

  func run() throws {
    let model = try options.load()
    let dataset = try Dataset(calibration)
    let known =
      FileManager.default.fileExists(atPath: output) ? try StatisticsFile.read(output) : nil
    if let known { options.common.log("\(output): goes on after \(known.sampleCount) samples") }
    let progress = Progress("samples")
    let clock = ContinuousClock()
    var lastSaved = clock.now
    let statistics = try model.calibrationStatistics(
      over: dataset, options: calibrationOptions(), continuing: known
    ) { done, total, statistics in
      progress.report(done, of: total)
      guard clock.now - lastSaved >= Self.savingInterval else { return }
      try StatisticsFile.write(statistics, to: output)
      lastSaved = clock.now
    }
    progress.finish()
    try StatisticsFile.write(statistics, to: output)
    for warning in statistics.warnings.diagnostics { Console.error(warning.description) }
    let added = statistics.sampleCount - (known?.sampleCount ?? 0)
    print(
      "\(output): \(statistics.sampleCount) samples, \(added) of them new, "
        + "\(statistics.values.count) values")
  }

  private func calibrationOptions() throws -> CalibrationOptions {
    var result = CalibrationOptions()
    result.values = value.isEmpty ? nil : value
    result.engine = engine
    result.threads = threads
    result.code = try code.options()
    result.limit = samples
    return result
  }
}
