public import Calibration
import Diagnostics
import IR

/// How statistics are collected.
public struct CalibrationOptions: Sendable {
  /// Names of the values to watch; nil for every tensor of floats.
  public var values: [String]?
  public var engine = Engine.native
  /// The most threads to use; 0 for all.
  public var threads = 0
  public var code = CodeOptions()
  /// The most samples to look at; nil for all.
  public var limit: Int?

  public init() {}
}

extension Model {
  /// The names of the values that statistics can be collected of: inputs and results of nodes that are tensors of floats.
  public var calibrationValues: [String] {
    Collector.candidates(in: graph).map { graph[$0].name }
  }

  /// Runs the model over a dataset and keeps statistics of its values: one sample in memory at a time, and in one pass
  /// enough for every way to choose ranges.
  ///
  /// - Parameters:
  ///   - continuing: statistics to add to; samples that they have seen are passed over.
  ///   - progress: called after each sample with how many of how many are done, and the statistics so far.
  /// - Throws: `calibration.model` and `calibration.values` when the statistics to continue are of another model or of
  ///   other values, `calibration.unknown-value`, `calibration.not-finite`, and what reading samples, compiling and
  ///   running throw.
  public func calibrationStatistics(
    over dataset: Dataset, options: CalibrationOptions = CalibrationOptions(),
    continuing: CalibrationStatistics? = nil,
    progress: (_ done: Int, _ total: Int, CalibrationStatistics) throws -> Void = { _, _, _ in }
  ) throws -> CalibrationStatistics {
    let names = options.values ?? calibrationValues
    let digest = digest
    try continuing?.check(modelDigest: digest)
    try continuing?.check(values: names)
    var collector = try Collector(
      graph, continuing: continuing ?? CalibrationStatistics(modelDigest: digest, values: names))
    let executor = try executor(tapping: names, options)
    let signature = Signature(graph)
    let total = min(dataset.count, options.limit ?? .max)
    var done = 0
    try dataset.forEachSample(of: signature, limit: options.limit) { sample in
      try collector.add(
        sample.values(for: signature), named: sample.name, digest: sample.digest, on: executor)
      done += sample.count
      try progress(done, total, collector.statistics)
    }
    return collector.statistics
  }

  private func executor(
    tapping names: [String], _ options: CalibrationOptions
  ) throws -> any Executor {
    switch options.engine {
    case .interpreter: return try executor(.interpreter)
    case .native:
      let taps = Set(names.compactMap { graph.value(named: $0) })
      return try TappedExecutor(self, taps: taps, threads: options.threads, code: options.code)
    }
  }
}
