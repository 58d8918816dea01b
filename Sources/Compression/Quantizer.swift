import Calibration
import Diagnostics
package import IR
import Passes
import Tensors

/// Finds a quantization plan for a float graph from samples of its inputs: ranges, the damage of every node, and which
/// nodes stay float.
///
/// Source: isolated end-output damage with greedy exclusion, docs/decisions/0014-quantization.md.
package struct Quantizer: Sendable {
  package var options: QuantizationOptions
  private let makeExecutor: ExecutorFactory
  /// Called with what is being done, and how many steps of how many are.
  private let progress: @Sendable (String, Int, Int) -> Void

  package init(
    _ options: QuantizationOptions, makeExecutor: @escaping ExecutorFactory,
    progress: @escaping @Sendable (String, Int, Int) -> Void = { _, _, _ in }
  ) {
    self.options = options
    self.makeExecutor = makeExecutor
    self.progress = progress
  }

  /// The fewest samples that the damage of a node is measured on; twice as many where a sample says little.
  private static let leastSampleCount = 4
  /// A sample that is one distribution, or a few, says less than one with numbers all over an image.
  private static let fewRows = 8
  /// The samples that ideas are judged on.
  private static let explorationCount = 16
  /// The most samples that a finished plan is measured on.
  private static let verificationCount = 64

  /// - Parameter graph: all dimensions of its inputs are numbers that fit the samples.
  /// - Throws: `quantize.no-candidates`, `quantize.node-unknown`, and what reading samples or running throws.
  package func run(_ graph: Graph, _ samples: any Samples) throws -> QuantizationResult {
    try check(graph)
    let inputs = { (index: Int) throws -> [ValueID: Value] in
      let named = try samples.inputs(index)
      return graph.inputs.reduce(into: [:]) { result, id in
        result[id] = named[graph[id].name].map { .tensor($0) }
      }
    }
    guard !QuantizationSites(graph).candidates.isEmpty else {
      throw Diagnostic(
        "quantize.no-candidates", "nothing in the model can be quantized", at: .file(graph.source))
    }
    let migrations = try migrations(graph, samples.count, inputs)
    let migrated = try MigrationSearch.migrate(graph, migrations)
    var result = try search(migrated, samples.count, samples.count, inputs).run()
    result.plan.migrations = migrations
    result.sampleCounts.ranges = samples.count
    return result
  }

  /// The scalings of channels that reduce the damage of the nodes that read them.
  private func migrations(
    _ graph: Graph, _ available: Int, _ inputs: @escaping (Int) throws -> [ValueID: Value]
  ) throws -> [QuantizationPlan.MigrationEntry] {
    var migration = MigrationSearch(QuantizationSites(graph))
    guard migration.hasCandidates else { return [] }
    let count = min(available, Self.explorationCount)
    let before = try search(graph, count, available, inputs) { migration.add($0) }
    let entries = migration.entries
    guard !entries.isEmpty else { return [] }
    let after = try search(
      try MigrationSearch.migrate(graph, entries), count, available, inputs)
    let damages = try [before, after].map { search in
      try search.sensitivity.damages(
        of: migration.settings(entries, search.ranges.spread(search.ranges.parameters(.minmax))),
        sampleCount: min(count, search.sampleCounts.sensitivity)
      ) { progress("measuring scaled channels", $0, $1) }
    }
    return MigrationSearch.helpful(entries, before: damages[0], after: damages[1])
  }

  /// Compiles a graph and observes it on samples.
  ///
  /// - Parameters:
  ///   - count: how many samples give the ranges.
  ///   - available: how many there are.
  ///   - watch: receives every sample's values.
  private func search(
    _ graph: Graph, _ count: Int, _ available: Int,
    _ inputs: @escaping (Int) throws -> [ValueID: Value],
    watch: ([ValueID: Value]) -> Void = { _ in }
  ) throws -> PlanSearch {
    let first = QuantizationSites(graph)
    var model = segmented(first)
    try model.compile { progress("compiling", $0, $1) }
    let seen = try observe(model, count, inputs, watch)
    let uneven = first.unevenConcatenations(seen.statistics)
    let sites = uneven.isEmpty ? first : QuantizationSites(graph, uneven: uneven)
    if !uneven.isEmpty { model = segmented(sites) }
    let ranges = ActivationRanges(sites, seen.statistics, symmetric: options.symmetric)
    model.weights = weights(sites, ranges)
    try model.compile { progress("compiling", $0, $1) }
    let kinds = seen.outputs.compactMapValues { OutputKind($0) }
    let rows = kinds.compactMap { id, kind in kind.rowCount(seen.outputs[id]?.first) }.min() ?? 1
    let least = rows < Self.fewRows ? 2 * Self.leastSampleCount : Self.leastSampleCount
    let few = sampleCount(sites, available, least: least)
    return PlanSearch(
      sites: sites, ranges: ranges,
      sensitivity: Sensitivity(model: model, kinds: kinds, inputs: inputs),
      options: options,
      sampleCounts: (
        sensitivity: few,
        verification: min(available, Self.verificationCount, max(4 * least, 2 * few))
      ), progress: progress)
  }

  private func check(_ graph: Graph) throws(Diagnostic) {
    let names = Set(graph.nodeIDs.map { graph[$0].name })
    if let unknown = options.keepFloat.sorted().first(where: { !names.contains($0) }) {
      throw Diagnostic(
        "quantize.node-unknown", "the optimized model has no node '\(unknown)'",
        at: .file(graph.source))
    }
  }

  private func segmented(_ sites: QuantizationSites) -> SegmentedModel {
    let cuts = sites.graph.nodeIDs.filter { sites.kinds[$0] != nil }.flatMap {
      sites.activations(of: $0)
    }
    return SegmentedModel(sites, cuts: Set(cuts), makeExecutor: makeExecutor)
  }

  /// What the samples showed of the values that may be quantized, and the outputs of the first ones.
  private func observe(
    _ model: SegmentedModel, _ count: Int, _ inputs: (Int) throws -> [ValueID: Value],
    _ watch: ([ValueID: Value]) -> Void
  ) throws -> (statistics: [ValueID: ValueStatistics], outputs: [ValueID: [Tensor]]) {
    let graph = model.sites.graph
    let watched = model.sites.scaleGroups().keys.sorted()
    var statistics: [ValueID: ValueStatistics] = [:]
    var outputs: [ValueID: [Tensor]] = [:]
    for index in 0..<count {
      let values = try model.run(inputs(index))
      watch(values)
      let known = statistics
      let added = try concurrently(watched.count) { (number) throws(Diagnostic) in
        let id = watched[number]
        var found = known[id, default: ValueStatistics()]
        guard let tensor = values[id]?.tensor else { return found }
        do throws(Diagnostic) {
          try found.add(tensor)
        } catch {
          throw error.calibration(of: id, in: graph, sample: "\(index)")
        }
        return found
      }
      statistics = Dictionary(uniqueKeysWithValues: zip(watched, added))
      for id in graph.outputs where index < 16 {
        if let tensor = values[id]?.tensor { outputs[id, default: []].append(tensor) }
      }
      progress("observing", index + 1, count)
    }
    return (statistics, outputs)
  }

  private func weights(
    _ sites: QuantizationSites, _ ranges: ActivationRanges
  ) -> [ValueID: QuantizationParameters] {
    let activations = ranges.spread(ranges.parameters(.minmax))
    var weights: [ValueID: QuantizationParameters] = [:]
    for id in sites.candidates {
      let input = sites.activations(of: id).first.flatMap { activations[$0] }
      for (position, value) in sites.weights(of: id) where weights[value] == nil {
        weights[value] = sites.weightParameters(
          of: id, position: position, input: input, perTensor: options.perTensor)
      }
    }
    return weights
  }

  /// How many samples the damage of single nodes is measured on: enough for rare classes, fewer for large models.
  private func sampleCount(
    _ sites: QuantizationSites, _ available: Int, least: Int
  ) -> Int {
    let work = sites.candidates.map { sites.multiplyAccumulates(of: $0) }.reduce(0, +)
    let elements = sites.graph.nodeIDs.flatMap { sites.graph[$0].outputs }.reduce(0) { sum, id in
      sum + (id.flatMap { sites.graph.tensorType($0)?.staticShape?.checkedElementCount } ?? 0)
    }
    let perSample = Double(max(work + Self.workPerElement * elements, 1))
    let wanted = Int(Self.workLimit / (perSample * Double(sites.candidates.count)))
    return min(available, min(max(wanted, least), 48))
  }

  /// Multiply-accumulates that a measurement of all nodes may cost, some tens of seconds on two cores.
  private static let workLimit = 2e11
  /// Multiply-accumulates done in the time that one element is written, copied and read again.
  private static let workPerElement = 30
}
