import ArgumentParser
import Diagnostics
import Foundation
import IR
import Martlet

/// Times of repeated runs.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the latency of models and artefacts.",
    discussion: """
      With --against, the runs of all engines are interleaved and ratios are printed with confidence intervals; \
      this needs Python, and PyPI the first time.
      """)

  @Argument(help: "Models (.onnx) or compiled libraries (.so).", completion: .file())
  var models: [String]

  @OptionGroup var inputs: InputOptions
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var code: CodeOptionGroup
  @OptionGroup var variant: VariantOption
  @OptionGroup var common: CommonOptions

  @Option(help: "What runs the models: native or interpreter.") var engine = Engine.native
  @Option(help: "The most threads to use; 0 is all.") var threads = 1
  @Option(help: "How long to measure each model.") var seconds = 3.0
  @Option(help: "Write JSON to this file; - is standard output.") var json: String?

  @Option(
    help: ArgumentHelp(
      "Compare with these: onnxruntime, openvino, interpreter.", valueName: "ENGINE,..."))
  var against: String?

  @Flag(help: "Show where the time of native runs goes, step by step.") var profile = false
  @Option(help: "How many of the slowest steps to show.") var top = 25
  @Option(
    help: ArgumentHelp("Write the profile as a page for a browser.", valueName: "FILE"),
    completion: .file(extensions: ["html"]))
  var html: String?

  /// What was measured of one model.
  private struct Result: Encodable {
    let model: String
    let engine: Engine
    /// Of a compiled library.
    let variant: String?
    let threads: Int
    let loadMilliseconds: Double
    let latency: Latency
    let throughputPerSecond: Double
    let peakByteCount: Int
    var profile: Profile?
  }

  private struct Report: Encodable {
    let version: String
    let results: [Result]
  }

  func run() throws {
    if let against {
      let comparison = PeerComparison(
        models: models, peers: against.split(separator: ",").map(String.init), threads: threads,
        seconds: seconds, shapes: shapes.shape, json: json)
      guard try comparison.run() == 0 else { throw ExitStatus.failure }
      return
    }
    var results: [Result] = []
    var measurements: [ProfileMeasurement?] = []
    for model in models {
      let (result, measurement) = try measure(model)
      results.append(result)
      measurements.append(measurement)
    }
    let measured = measurements.compactMap { $0 }
    if let threads = measured.first?.threads {
      let limits = try MachineLimits.measure(
        threads: threads, withByteProducts: measured.contains(where: \.hasByteProducts))
      for (number, measurement) in measurements.enumerated() {
        results[number].profile = measurement.map { Profile($0, limits: limits) }
      }
    }
    if let html { try TextFile.write(page(results).html, to: html) }
    if json == "-" {
      try Console.json(Report(version: martletVersion, results: results))
      return
    }
    var table = TextTable(
      [
        "model", "engine", "threads", "load ms", "min ms", "median ms", "p99 ms", "per second",
        "peak",
      ])
    for result in results {
      table.add([
        result.model, result.engine.rawValue, "\(result.threads)",
        Quantity.milliseconds(result.loadMilliseconds), Quantity.milliseconds(result.latency.min),
        Quantity.milliseconds(result.latency.median), Quantity.milliseconds(result.latency.p99),
        Quantity.milliseconds(result.throughputPerSecond), Quantity.bytes(result.peakByteCount),
      ])
    }
    print(table.description)
    for result in results {
      if let profile = result.profile { ProfileText(profile, top: top).show(result.model) }
    }
    if let json {
      try TextFile.write(
        Console.jsonText(Report(version: martletVersion, results: results)), to: json)
    }
  }

  private func page(_ results: [Result]) -> ProfilePage {
    ProfilePage(
      results.compactMap { result in
        result.profile.map {
          ProfilePage.Section(model: result.model, latency: result.latency, profile: $0)
        }
      },
      facts: [
        ProcessFacts.processorName, "\(ProcessInfo.processInfo.activeProcessorCount) processors",
        Date().formatted(.iso8601.dateTimeSeparator(.space)),
      ])
  }

  private func measure(_ path: String) throws -> (Result, ProfileMeasurement?) {
    let clock = ContinuousClock()
    let start = clock.now
    let runnable = try Runnable.load(
      path, engine: engine, threads: threads, variant: variant.variant, shapes: shapes,
      code: code, common: common)
    let loaded = clock.now - start
    var files = inputs.files
    files.randomSeed = files.randomSeed ?? 0
    let values = try files.values(for: runnable.signature)
    let latency = try Latency.measure(seconds: seconds) { _ = try runnable.executor.run(values) }
    runnable.progress.finish()
    let peak = ProcessFacts.peakResidentByteCount
    let result = Result(
      model: path, engine: engine, variant: runnable.variant, threads: threads,
      loadMilliseconds: loaded / .milliseconds(1), latency: latency,
      throughputPerSecond: 1000 / latency.median, peakByteCount: peak)
    guard profile || html != nil else { return (result, nil) }
    guard let native = runnable.executor as? NativeExecutor else {
      throw Diagnostic(
        "bench.no-profile",
        "only models that are compiled in this process have a profile, expected an .onnx file and "
          + "the native engine", at: .file(path))
    }
    return (result, try native.profile(values, seconds: seconds))
  }
}
