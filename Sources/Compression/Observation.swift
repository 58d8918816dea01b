import Calibration
import Diagnostics
import IR
import Tensors

/// What samples show of the values that may be quantized.
struct Observation {
  private(set) var statistics: [ValueID: ValueStatistics] = [:]
  /// The model's outputs for the first samples.
  private(set) var outputs: [ValueID: [Tensor]] = [:]
  /// How many samples the statistics are of.
  private(set) var sampleCount = 0

  /// How many samples' outputs are kept.
  private static let outputCount = 16
  /// How often statistics are saved on the way.
  private static let savingInterval = Duration.seconds(10)

  /// Statistics from before, to go on with.
  struct Known {
    var statistics: CalibrationStatistics
    let store: any StatisticsStore
  }

  /// Runs the model on samples.
  ///
  /// Samples that `known` has seen are not run again, except for the first ones. Where those are known and there are
  /// statistics of as many samples as are wanted, the others are not even read.
  ///
  /// - Parameters:
  ///   - count: how many samples to look at.
  ///   - watch: receives every sample's values.
  /// - Throws: `calibration.not-finite` with the value's node, `calibration.values`, what reading samples, running and
  ///   saving throws.
  init(
    of model: SegmentedModel, _ samples: any Samples, count: Int, known: Known? = nil,
    watch: ([ValueID: Value]) -> Void, progress: (String, Int, Int) -> Void
  ) throws {
    let graph = model.sites.graph
    let watched = model.sites.scaleGroups().keys.sorted()
    var known = known
    if let kept = known?.statistics {
      try kept.check(values: watched.map { graph[$0].name })
      for id in watched { statistics[id] = kept.values[graph[id].name] }
    }
    let start = known?.statistics.sampleCount ?? 0
    let clock = ContinuousClock()
    var lastSaved = clock.now
    for index in 0..<count {
      let isFirst = index < Self.outputCount
      if !isFirst, let kept = known?.statistics, kept.sampleCount == start, start >= count { break }
      let isNew = try known.map { known in
        try !known.statistics.sampleDigests.contains(samples.digest(index))
      }
      progress("observing", index + 1, count)
      guard isFirst || isNew ?? true else { continue }
      let values = try model.run(graph.inputValues(try samples.inputs(index)))
      watch(values)
      for id in graph.outputs where isFirst {
        if let tensor = values[id]?.tensor { outputs[id, default: []].append(tensor) }
      }
      guard isNew ?? true else { continue }
      let name = try samples.name(index)
      try add(values, of: watched, in: graph, sample: name)
      sampleCount += 1
      known?.statistics.sampleDigests.insert(try samples.digest(index))
      if let store = known?.store, clock.now - lastSaved >= Self.savingInterval {
        try save(&known, watched, graph, store)
        lastSaved = clock.now
      }
    }
    if let store = known?.store, sampleCount > 0 { try save(&known, watched, graph, store) }
    sampleCount += start
  }

  private mutating func add(
    _ values: [ValueID: Value], of watched: [ValueID], in graph: Graph, sample: String
  ) throws {
    let before = statistics
    let added = try concurrently(watched.count) { (number) throws(Diagnostic) in
      let id = watched[number]
      var found = before[id, default: ValueStatistics()]
      guard let tensor = values[id]?.tensor else { return found }
      do throws(Diagnostic) {
        try found.add(tensor)
      } catch {
        throw error.calibration(of: id, in: graph, sample: sample)
      }
      return found
    }
    statistics = Dictionary(uniqueKeysWithValues: zip(watched, added))
  }

  private func save(
    _ known: inout Known?, _ watched: [ValueID], _ graph: Graph, _ store: any StatisticsStore
  ) throws {
    for id in watched { known?.statistics.values[graph[id].name] = statistics[id] }
    if let kept = known?.statistics { try store.keep(kept) }
  }
}

extension Graph {
  /// The values of the inputs that a sample gives.
  func inputValues(_ named: [String: Tensor]) -> [ValueID: Value] {
    inputs.reduce(into: [:]) { $0[$1] = named[self[$1].name].map { .tensor($0) } }
  }
}
