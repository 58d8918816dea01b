import Diagnostics
import IR
import PassManager
import Passes
import Tensors

/// Finds values whose channels differ in range and could share one better, and keeps the scalings that help.
///
/// With `X_c` the greatest magnitude of an activation's channel and `W_c` that of the weights that read it, the channel
/// is divided by `sqrt(X_c / W_c)`, which halves the gap between both; by `X_c` where the readers are depthwise, whose
/// weights have a scale per channel anyway. Dead channels keep their scale.
///
/// Source: Nagel et al. 2019, arXiv:1906.04721, section 4.1; Xiao et al. 2023, arXiv:2211.10438, section 4.
struct MigrationSearch {
  let graph: Graph
  let sites: QuantizationSites
  /// The greatest magnitude per channel of every value that could be scaled.
  private(set) var maxima: [ValueID: [Double]] = [:]
  private let candidates: [ChannelMigration]

  /// No channel is scaled by more than this, relative to the mean.
  private static let largestFactor = 64.0
  /// Factors that stay within this of each other change nothing worth measuring.
  private static let leastSpread = 1.5
  /// A scaling must leave no more than this part of the damage.
  private static let leastGain = 0.9

  init(_ sites: QuantizationSites) {
    graph = sites.graph
    self.sites = sites
    var seen: Set<ValueID> = []
    candidates = sites.candidates.flatMap { sites.activations(of: $0) }.compactMap { value in
      guard seen.insert(value).inserted else { return nil }
      return ChannelMigration(value, in: sites.graph)
    }
  }

  /// Whether there is a value whose channels could be scaled.
  var hasCandidates: Bool { !candidates.isEmpty }

  /// Adds one sample.
  mutating func add(_ values: [ValueID: Value]) {
    for candidate in candidates {
      guard let tensor = values[candidate.value]?.tensor else { continue }
      let found = tensor.largestMagnitudes(axis: candidate.axis)
      maxima[candidate.value] = maxima[candidate.value].map { zip($0, found).map(max) } ?? found
    }
  }

  /// The scalings worth measuring.
  var entries: [QuantizationPlan.MigrationEntry] {
    candidates.compactMap { candidate in
      guard let activations = maxima[candidate.value], let factors = factors(candidate, activations)
      else { return nil }
      return .init(name: graph[candidate.value].name, factors: factors)
    }
  }

  private func factors(_ candidate: ChannelMigration, _ activations: [Double]) -> [Float]? {
    var weights = Array(repeating: 0.0, count: candidate.channelCount)
    for reader in candidate.readers {
      guard let tensor = graph.constant(graph[reader.node].inputs[reader.position]) else {
        return nil
      }
      weights = zip(weights, tensor.largestMagnitudes(axis: reader.axis)).map(max)
    }
    let wanted = zip(activations, weights).map { activation, weight -> Double? in
      guard activation > 0, weight > 0 else { return nil }
      return candidate.isDepthwise ? activation : (activation / weight).squareRoot()
    }
    let known = wanted.compactMap { $0 }
    guard let least = known.min(), let greatest = known.max(), greatest > least * Self.leastSpread
    else { return nil }
    let mean = (known.map(\.logarithm).reduce(0, +) / Double(known.count)).exponential
    return wanted.map { number in
      Float(min(max((number ?? mean) / mean, 1 / Self.largestFactor), Self.largestFactor))
    }
  }

  /// The graph with scalings carried out.
  static func migrate(
    _ graph: Graph, _ entries: [QuantizationPlan.MigrationEntry]
  ) throws(Diagnostic) -> Graph {
    var plan = QuantizationPlan()
    plan.migrations = entries
    var migrated = graph
    _ = try PassManager().run(.migrateChannelRanges(plan), on: &migrated)
    return migrated
  }

  /// For each entry the candidates that read its value, whose damage it is judged by.
  func settings(
    _ entries: [QuantizationPlan.MigrationEntry],
    _ activations: [ValueID: QuantizationParameters]
  ) -> [SegmentedModel.Setting] {
    entries.map { entry in
      let readers = graph.value(named: entry.name).map { graph.readers(of: $0) } ?? []
      return SegmentedModel.Setting(integer: Set(readers), activations: activations)
    }
  }

  /// The entries that reduce their readers' damage.
  static func helpful(
    _ entries: [QuantizationPlan.MigrationEntry], before: [Double], after: [Double]
  ) -> [QuantizationPlan.MigrationEntry] {
    zip(entries, zip(before, after)).filter { $1.1 < $1.0 * leastGain }.map(\.0)
  }
}
