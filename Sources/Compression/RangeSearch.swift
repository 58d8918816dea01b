import Calibration
import IR
import Passes

/// How the range of every value was chosen, and the damage of every candidate with these ranges.
struct RangeChoice {
  /// By scale group.
  var methods: [ValueID: RangeMethod] = [:]
  /// By scale group.
  var parameters: [ValueID: QuantizationParameters] = [:]
  /// The damage at the output when a candidate alone is quantized.
  var damages: [NodeID: Double] = [:]
  /// The same with ranges by one method for all, for every method that was measured.
  var measured: [(method: RangeMethod, damages: [NodeID: Double])] = []
}

/// Chooses ranges by the damage that they do at the output: the error of a tensor alone is blind to what follows, such
/// as a logarithm that makes small numbers count.
struct RangeSearch {
  let sites: QuantizationSites
  let ranges: ActivationRanges
  let sensitivity: Sensitivity
  /// Nil to try all.
  let method: RangeMethod?
  let sampleCount: Int
  let progress: (String, Int, Int) -> Void

  private typealias Damages = [RangeMethod: [NodeID: Double]]

  /// Candidates whose damage is less than this part of the sum are not worth trying every method.
  private static let dearShare = 0.01

  /// Those that are measured for every candidate, and for those that are worth more.
  private static let usual: [RangeMethod] = [.minmax, .mse]
  private static let further: [RangeMethod] = [.percentile(RangeMethod.usualPercentile), .entropy]

  /// All that may be measured.
  private var methods: [RangeMethod] { method.map { [$0] } ?? Self.usual + Self.further }

  /// - Throws: what running the model throws.
  func run() throws -> RangeChoice {
    let tables = Dictionary(
      uniqueKeysWithValues: methods.map {
        ($0, ranges.parameters($0))
      })
    let first = method.map { [$0] } ?? Self.usual
    var found = try damages(of: first, tables, among: sites.candidates, "measuring nodes")
    if method == nil {
      let least = sites.candidates.map { id in found.values.compactMap { $0[id] }.min() ?? 0 }
      let floor = least.reduce(0, +) * Self.dearShare
      let dear = zip(sites.candidates, least).filter { $1 > floor }.map(\.0)
      let more = try damages(
        of: Self.further, tables, among: dear, "measuring ranges")
      found.merge(more) { $1 }
    }
    var choice = RangeChoice()
    for group in ranges.groupIDs {
      let method = best(for: group, found) ?? first[0]
      choice.methods[group] = method
      choice.parameters[group] = tables[method]?[group]
    }
    choice.measured = methods.compactMap { method in
      found[method].map { (method, $0) }
    }
    try fillDamages(&choice, found)
    return choice
  }

  /// The method with the least sum of the damages of the nodes that read the group, among those measured for all.
  private func best(for group: ValueID, _ found: Damages) -> RangeMethod? {
    let readers = sites.candidates.filter { id in
      sites.activations(of: id).contains { ranges.group(of: $0) == group }
    }
    let sums = methods.compactMap {
      method -> (RangeMethod, Double)? in
      let parts = readers.map { found[method]?[$0] }
      guard found[method] != nil, parts.allSatisfy({ $0 != nil }) else { return nil }
      return (method, parts.reduce(0) { $0 + ($1 ?? 0) })
    }
    return sums.min { $0.1 < $1.1 }?.0
  }

  /// The damage of every node alone, by method.
  private func damages(
    of methods: [RangeMethod], _ tables: [RangeMethod: [ValueID: QuantizationParameters]],
    among nodes: [NodeID], _ phase: String
  ) throws -> Damages {
    let settings = methods.flatMap { method in
      let activations = ranges.spread(tables[method] ?? [:])
      return nodes.map { SegmentedModel.Setting(integer: [$0], activations: activations) }
    }
    let measured = try sensitivity.damages(of: settings, sampleCount: sampleCount) {
      progress(phase, $0, $1)
    }
    var found: Damages = [:]
    for (index, method) in methods.enumerated() {
      let part = measured[index * nodes.count..<(index + 1) * nodes.count]
      found[method] = Dictionary(uniqueKeysWithValues: zip(nodes, part))
    }
    return found
  }

  /// Damages with the chosen ranges: known where a node's operands took the same method, measured where they did not.
  private func fillDamages(_ choice: inout RangeChoice, _ found: Damages) throws {
    var mixed: [NodeID] = []
    for id in sites.candidates {
      let groups = sites.activations(of: id).compactMap { ranges.group(of: $0) }
      let methods = Set(groups.compactMap { choice.methods[$0] })
      if methods.count == 1, let method = methods.first, let known = found[method]?[id] {
        choice.damages[id] = known
      } else {
        mixed.append(id)
      }
    }
    let activations = ranges.spread(choice.parameters)
    let measured = try sensitivity.damages(
      of: mixed.map { SegmentedModel.Setting(integer: [$0], activations: activations) },
      sampleCount: sampleCount
    ) { progress("measuring mixed ranges", $0, $1) }
    for (id, damage) in zip(mixed, measured) { choice.damages[id] = damage }
  }
}
