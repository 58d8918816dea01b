import IR
import Passes

/// Decides, by measured damage, how ranges are chosen and which nodes stay float.
struct PlanSearch {
  let sites: QuantizationSites
  let ranges: ActivationRanges
  let sensitivity: Sensitivity
  let options: QuantizationOptions
  let sampleCounts: (sensitivity: Int, verification: Int)
  let progress: (String, Int, Int) -> Void

  /// Ranges as chosen, and the damage of every candidate with them.
  private struct Choice {
    var methods: [ValueID: RangeMethod] = [:]
    var parameters: [ValueID: QuantizationParameters] = [:]
    var damages: [NodeID: Double] = [:]
  }

  /// Rounds of choosing float nodes and measuring the whole, at most.
  private static let roundLimit = 12

  /// - Throws: what running the model throws.
  func run() throws -> QuantizationResult {
    let choice = try chooseRanges()
    let activations = ranges.spread(choice.parameters)
    let isDivergence = OutputMeasure(sensitivity.kinds).isDivergence
    let budget =
      options.budget
      ?? (isDivergence
        ? QuantizationOptions.divergenceBudget : QuantizationOptions.relativeErrorBudget)
    var float = Set(sites.candidates.filter { options.keepFloat.contains(sites.graph[$0].name) })
    let damageOfAll = try measure(float, activations)
    var damage = damageOfAll
    var target = budget
    for _ in 0..<Self.roundLimit where damage > budget {
      let more = float.union(floatNodes(choice.damages, below: target, kept: float))
      if more == float {
        // What remains is nominally within the target, yet the whole is not: ask for less.
        target /= 2
        continue
      }
      float = more
      damage = try measure(float, activations)
      if damage > budget { target *= min(0.5, budget / damage) }
    }
    return result(choice, float, budget, isDivergence, (damageOfAll, damage))
  }

  // MARK: Ranges

  /// Chooses the method of each group by the damage of the nodes that read it.
  private func chooseRanges() throws -> Choice {
    let first = options.method.map { [$0] } ?? [.minmax, .mse]
    var found = try damages(of: first, among: sites.candidates, "measuring nodes")
    if options.method == nil {
      // The dearest nodes are worth more attempts.
      let least = sites.candidates.map { id in found.values.compactMap { $0[id] }.min() ?? 0 }
      let floor = least.reduce(0, +) * 0.01
      let dear = zip(sites.candidates, least).filter { $1 > floor }.map(\.0)
      found.merge(
        try damages(of: [.percentile, .entropy], among: dear, "measuring ranges")
      ) { $1 }
    }
    var choice = Choice()
    for group in ranges.groupIDs {
      let readers = sites.candidates.filter { id in
        sites.activations(of: id).contains { ranges.group(of: $0) == group }
      }
      let sums = RangeMethod.allCases.compactMap { method -> (RangeMethod, Double)? in
        guard let measured = found[method] else { return nil }
        let parts = readers.map { measured[$0] }
        guard parts.allSatisfy({ $0 != nil }) else { return nil }
        return (method, parts.reduce(0) { $0 + ($1 ?? 0) })
      }
      choice.methods[group] = sums.min { $0.1 < $1.1 }?.0 ?? first[0]
    }
    let byMethod = Dictionary(
      uniqueKeysWithValues: RangeMethod.allCases.map { ($0, ranges.parameters($0)) })
    for (group, method) in choice.methods {
      choice.parameters[group] = byMethod[method]?[group]
    }
    try measureMixed(&choice, found)
    return choice
  }

  /// The damage of every node alone, by method.
  private func damages(
    of methods: [RangeMethod], among nodes: [NodeID], _ phase: String
  ) throws -> [RangeMethod: [NodeID: Double]] {
    let settings = methods.flatMap { method in
      let activations = ranges.spread(ranges.parameters(method))
      return nodes.map { SegmentedModel.Setting(integer: [$0], activations: activations) }
    }
    let measured = try sensitivity.damages(of: settings, sampleCount: sampleCounts.sensitivity) {
      progress(phase, $0, $1)
    }
    var found: [RangeMethod: [NodeID: Double]] = [:]
    for (index, method) in methods.enumerated() {
      let part = measured[index * nodes.count..<(index + 1) * nodes.count]
      found[method] = Dictionary(uniqueKeysWithValues: zip(nodes, part))
    }
    return found
  }

  /// Damages with the chosen ranges: known where a node's operands took the same method, measured where they did not.
  private func measureMixed(_ choice: inout Choice, _ found: [RangeMethod: [NodeID: Double]]) throws
  {
    var mixed: [NodeID] = []
    for id in sites.candidates {
      let methods = Set(
        sites.activations(of: id).compactMap { ranges.group(of: $0) }.compactMap {
          choice.methods[$0]
        })
      if methods.count == 1, let method = methods.first, let known = found[method]?[id] {
        choice.damages[id] = known
      } else {
        mixed.append(id)
      }
    }
    let activations = ranges.spread(choice.parameters)
    let measured = try sensitivity.damages(
      of: mixed.map { SegmentedModel.Setting(integer: [$0], activations: activations) },
      sampleCount: sampleCounts.sensitivity
    ) { progress("measuring mixed ranges", $0, $1) }
    for (id, damage) in zip(mixed, measured) { choice.damages[id] = damage }
  }

  // MARK: Float nodes

  /// The dearest nodes, until the rest's damages sum up to less than `limit`, as far as their work is allowed.
  private func floatNodes(
    _ damages: [NodeID: Double], below limit: Double, kept: Set<NodeID>
  ) -> Set<NodeID> {
    let work = Dictionary(
      uniqueKeysWithValues: sites.candidates.map { ($0, sites.multiplyAccumulates(of: $0)) })
    let allowed = Double(work.values.reduce(0, +)) * options.largestFloatShare
    var spent = kept.reduce(0) { $0 + (work[$1] ?? 0) }
    var rest = sites.candidates.filter { !kept.contains($0) }
    var sum = rest.reduce(0) { $0 + (damages[$1] ?? 0) }
    rest.sort { (damages[$1] ?? 0, $0) < (damages[$0] ?? 0, $1) }
    var float = kept
    for id in rest where sum > limit {
      let cost = work[id] ?? 0
      guard Double(spent + cost) <= allowed else { continue }
      float.insert(id)
      spent += cost
      sum -= damages[id] ?? 0
    }
    return float
  }

  private func measure(
    _ float: Set<NodeID>, _ activations: [ValueID: QuantizationParameters]
  ) throws -> Double {
    let setting = SegmentedModel.Setting(
      integer: sites.integerNodes(float: float), activations: activations)
    return try sensitivity.damages(of: [setting], sampleCount: sampleCounts.verification) {
      progress("measuring the whole", $0, $1)
    }[0]
  }

  // MARK: Result

  private func result(
    _ choice: Choice, _ float: Set<NodeID>, _ budget: Double, _ isDivergence: Bool,
    _ measured: (all: Double, plan: Double)
  ) -> QuantizationResult {
    let graph = sites.graph
    var result = QuantizationResult()
    result.isDivergence = isDivergence
    result.budget = budget
    result.damageOfAll = measured.all
    result.damage = measured.plan
    result.sampleCounts.sensitivity = sampleCounts.sensitivity
    for id in sites.candidates {
      let own = choice.damages[id] ?? 0
      let name = graph[id].name
      var reason: String?
      if float.contains(id) {
        reason =
          options.keepFloat.contains(name) ? "as asked" : "its own damage is \(own.rounded3)"
      } else {
        result.predictedDamage += own
      }
      result.nodes.append(
        QuantizationResult.NodeReport(
          name: name, op: graph[id].opName, multiplyAccumulates: sites.multiplyAccumulates(of: id),
          damage: own, floatReason: reason))
    }
    result.plan = PlanWriter(
      sites: sites, ranges: ranges, methods: choice.methods, parameters: choice.parameters,
      weights: sensitivity.model.weights
    ).plan(
      float: float,
      reasons: Dictionary(uniqueKeysWithValues: result.nodes.map { ($0.name, $0.floatReason) }))
    return result
  }
}

extension Double {
  /// Three significant digits.
  fileprivate var rounded3: String {
    guard self > 0, isFinite else { return description }
    var power = 1.0
    var value = self
    while value < 100 { (value, power) = (value * 10, power * 10) }
    while value >= 1000 { (value, power) = (value / 10, power / 10) }
    return (value.rounded() / power).description
  }
}
