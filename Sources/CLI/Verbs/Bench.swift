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
      this needs Python, and PyPI the first time. With --paired, the same is done for the models and libraries \
      themselves: of one model compiled in two ways, for example.
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

  @Flag(help: "Run all models in turns as well, and compare each with the first.")
  var paired = false

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
    /// Each model against the first.
    let paired: PairedComparison?
  }

  func validate() throws {
    if paired, models.count < 2 {
      throw ValidationError("--paired compares models: found one, expected two or more")
    }
    if top < 0 { throw ValidationError("--top is \(top), expected a number of steps") }
    if against != nil, paired || profile || html != nil {
      throw ValidationError("--against measures other engines, which have no profile")
    }
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
    let comparison = paired ? try comparePairs() : nil
    let report = Report(version: martletVersion, results: results, paired: comparison)
    if let html { try TextFile.write(page(results).html, to: html) }
    if json == "-" {
      try Console.json(report)
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
    if let comparison { show(comparison) }
    for result in results {
      if let profile = result.profile { ProfileText(profile, top: top).show(result.model) }
    }
    if let json {
      try TextFile.write(Console.jsonText(report), to: json)
    }
  }

  /// What a model's runs need, loaded once more: `measure` times the loading.
  private func comparePairs() throws -> PairedComparison {
    let runnables = try models.map(load)
    defer { for runnable in runnables { runnable.progress.finish() } }
    let bodies = try runnables.map { runnable in
      let values = try values(for: runnable)
      return { _ = try runnable.executor.run(values) }
    }
    return try PairedComparison.measure(seconds: seconds * Double(models.count), bodies)
  }

  private func show(_ comparison: PairedComparison) {
    print("\nin turns, \(comparison.rounds[0].count) rounds; 95 % confidence intervals")
    var table = TextTable(["time over the first's", "interval", "model"])
    table.add(["1", "", models[0]])
    for (model, ratio) in zip(models.dropFirst(), comparison.ratios) {
      table.add([
        String(format: "%.3f", ratio.ratio),
        String(format: "%.3f ... %.3f", ratio.low, ratio.high), model,
      ])
    }
    print(table.description)
  }

  private func load(_ path: String) throws -> Runnable {
    try Runnable.load(
      path, engine: engine, threads: threads, variant: variant.variant,
      shapes: shapes, code: code, common: common)
  }

  private func values(for runnable: Runnable) throws -> [Value] {
    var files = inputs.files
    files.randomSeed = files.randomSeed ?? 0
    return try files.values(for: runnable.signature)
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
    let runnable = try load(path)
    let loaded = clock.now - start
    let values = try values(for: runnable)
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
