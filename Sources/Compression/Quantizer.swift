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
  /// Keeps the statistics of values, if there is one.
  private let store: (any StatisticsStore)?
  /// Called with what is being done, and how many steps of how many are.
  private let progress: @Sendable (String, Int, Int) -> Void

  package init(
    _ options: QuantizationOptions, store: (any StatisticsStore)? = nil,
    makeExecutor: @escaping ExecutorFactory,
    progress: @escaping @Sendable (String, Int, Int) -> Void = { _, _, _ in }
  ) {
    self.options = options
    self.store = store
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
    let sites = QuantizationSites(graph)
    guard !sites.candidates.isEmpty else {
      throw Diagnostic(
        "quantize.no-candidates", "nothing in the model can be quantized", at: .file(graph.source))
    }
    let names = sites.scaleGroups().keys.sorted().map { graph[$0].name }
    var known = try store.flatMap { store in
      try store.statistics(of: graph, values: names).map {
        Observation.Known(statistics: $0, store: store)
      }
    }
    // Statistics are of scaled values: whoever goes on with them scales as before.
    let migrations =
      try known.map { Self.migrations($0.statistics.scalings, graph) }
      ?? migrations(graph, samples)
    if let store, known == nil {
      let scalings = Dictionary(migrations.map { ($0.name, $0.factors) }) { first, _ in first }
      known = .init(
        statistics: store.empty(of: graph, values: names, scalings: scalings), store: store)
    }
    let migrated = try MigrationSearch.migrate(graph, migrations)
    let (search, seen) = try search(migrated, samples, count: samples.count, known: known)
    var result = try search.run()
    result.plan.migrations = migrations
    result.sampleCounts.ranges = seen.sampleCount
    result.warnings = DiagnosticList(
      seen.statistics.sorted { $0.key < $1.key }.compactMap { id, value in
        value.warning(at: .value(model: graph.source, name: migrated[id].name))
      })
    return result
  }

  /// Scalings by name as entries in the order of the graph.
  private static func migrations(
    _ scalings: [String: [Float]], _ graph: Graph
  ) -> [QuantizationPlan.MigrationEntry] {
    graph.valueIDs.compactMap { id in
      let name = graph[id].name
      return scalings[name].map { .init(name: name, factors: $0) }
    }
  }

  /// The scalings of channels that reduce the damage of the nodes that read them.
  private func migrations(
    _ graph: Graph, _ samples: any Samples
  ) throws -> [QuantizationPlan.MigrationEntry] {
    var migration = MigrationSearch(QuantizationSites(graph))
    guard migration.hasCandidates else { return [] }
    let count = min(samples.count, Self.explorationCount)
    let (before, _) = try search(graph, samples, count: count) { migration.add($0) }
    let entries = migration.entries
    guard !entries.isEmpty else { return [] }
    let (after, _) = try search(
      try MigrationSearch.migrate(graph, entries), samples, count: count)
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
  ///   - known: statistics to go on with.
  ///   - watch: receives every sample's values.
  private func search(
    _ graph: Graph, _ samples: any Samples, count: Int, known: Observation.Known? = nil,
    watch: ([ValueID: Value]) -> Void = { _ in }
  ) throws -> (PlanSearch, Observation) {
    let first = QuantizationSites(graph)
    var model = segmented(first)
    try model.compile { progress("compiling", $0, $1) }
    let seen = try Observation(
      of: model, samples, count: count, known: known, watch: watch, progress: progress)
    let uneven = first.unevenConcatenations(seen.statistics)
    let sites = uneven.isEmpty ? first : QuantizationSites(graph, uneven: uneven)
    if !uneven.isEmpty { model = segmented(sites) }
    let ranges = ActivationRanges(sites, seen.statistics, symmetric: options.symmetric)
    model.weights = weights(sites, ranges)
    try model.compile { progress("compiling", $0, $1) }
    let kinds = seen.outputs.compactMapValues { OutputKind($0) }
    let rows = kinds.compactMap { id, kind in kind.rowCount(seen.outputs[id]?.first) }.min() ?? 1
    let least = rows < Self.fewRows ? 2 * Self.leastSampleCount : Self.leastSampleCount
    let few = sampleCount(sites, samples.count, least: least)
    let search = PlanSearch(
      sites: sites, ranges: ranges,
      sensitivity: Sensitivity(
        model: model, kinds: kinds, inputs: { graph.inputValues(try samples.inputs($0)) }),
      options: options,
      sampleCounts: (
        sensitivity: few,
        verification: min(samples.count, Self.verificationCount, max(4 * least, 2 * few))
      ), progress: progress)
    return (search, seen)
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
