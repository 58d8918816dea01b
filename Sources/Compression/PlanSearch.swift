import IR
import Passes
import Tensors

/// Decides, by measured damage, how ranges are chosen and what every node computes with.
struct PlanSearch {
  let sites: QuantizationSites
  let ranges: ActivationRanges
  let sensitivity: Sensitivity
  let options: QuantizationOptions
  let sampleCounts: (sensitivity: Int, verification: Int)
  let progress: (String, Int, Int) -> Void

  /// A damage that is at most this many times the least is as good.
  private static let nearlyLeast = 1.1
  /// Products whose damage is more than this part of the budget are also measured with 16 bits.
  private static let dearShare = 0.02

  /// - Throws: what running the model throws.
  func run() throws -> QuantizationResult {
    let choice = try RangeSearch(
      sites: sites, ranges: ranges, sensitivity: sensitivity, method: options.method,
      sampleCount: sampleCounts.sensitivity, progress: progress
    ).run()
    let isDivergence = OutputMeasure(sensitivity.kinds).isDivergence
    let usual =
      isDivergence
      ? QuantizationOptions.divergenceBudget : QuantizationOptions.relativeErrorBudget
    let budget = options.budget ?? usual
    let kept = sites.candidates.filter { options.keepFloat.contains(sites.graph[$0].name) }
    let search = PrecisionSearch(
      sites, damages: choice.damages, wideDamages: try wideDamages(choice, budget),
      kept: Set(kept), budget: budget, largestFloatShare: options.largestFloatShare)
    var precisions = PrecisionChoice(float: Set(kept))
    let damageOfAll = try measure([precisions], choice)[0]
    var damage = try correctBiases(choice, precisions, damageOfAll)
    if damage > budget {
      let choices = [precisions] + search.choices
      let damages = try measure(choices, choice)
      let least = damages.min() ?? 0
      // Where the budget is out of reach, no node becomes float for the last few percent.
      let place = damages.firstIndex { $0 <= max(budget, least * Self.nearlyLeast) } ?? 0
      (precisions, damage) = (choices[place], damages[place])
    }
    var result = QuantizationResult()
    result.isDivergence = isDivergence
    result.budget = budget
    result.damageOfAll = damageOfAll
    result.damage = damage
    result.predictedDamage = search.predicted(precisions)
    result.sampleCounts.sensitivity = sampleCounts.sensitivity
    result.nodes = reports(search, precisions)
    result.plan = PlanWriter(
      sites: sites, ranges: ranges, choice: choice, weights: sensitivity.model.weights,
      corrections: sensitivity.model.corrections
    ).plan(precisions, result.nodes)
    if options.collectsEvidence {
      let planned = setting(
        precisions, sites.integerNodes(float: precisions.float, wide: precisions.wide), choice)
      result.evidence = try EvidenceSearch(
        sites: sites, ranges: ranges, sensitivity: sensitivity, choice: choice,
        wideDamages: search.wideDamages, planned: planned, progress: progress
      ).run(sampleCount: sampleCounts.sensitivity)
    }
    return result
  }

  /// Corrects biases, if that makes the whole better than `damage`; returns what the damage then is.
  private func correctBiases(
    _ choice: RangeChoice, _ precisions: PrecisionChoice, _ damage: Double
  ) throws -> Double {
    let model = sensitivity.model
    var correction = BiasCorrection(
      sites, weights: model.weights, activations: ranges.spread(choice.parameters))
    for sample in 0..<sampleCounts.verification {
      correction.add(try model.run(sensitivity.inputs(sample)))
      progress("correcting biases", sample + 1, sampleCounts.verification)
    }
    model.corrections = correction.corrections
    let corrected = try measure([precisions], choice)[0]
    if corrected < damage { return corrected }
    model.corrections = [:]
    return damage
  }

  /// The damage of dear products alone when they read 16 bits.
  private func wideDamages(_ choice: RangeChoice, _ budget: Double) throws -> [NodeID: Double] {
    let dear = sites.candidates.filter {
      sites.kinds[$0] == .product && choice.damages[$0] ?? 0 > budget * Self.dearShare
    }
    let settings = dear.map { setting(PrecisionChoice(wide: [$0]), [$0], choice) }
    let damages = try sensitivity.damages(
      of: settings, sampleCount: sampleCounts.sensitivity
    ) { progress("measuring 16 bits", $0, $1) }
    return Dictionary(uniqueKeysWithValues: zip(dear, damages))
  }

  private func setting(
    _ precisions: PrecisionChoice, _ integer: Set<NodeID>, _ choice: RangeChoice
  ) -> SegmentedModel.Setting {
    SegmentedModel.Setting(
      integer: integer, activations: ranges.spread(choice.parameters), wide: precisions.wide,
      wideActivations: ranges.spread(ranges.wideParameters))
  }

  /// The damage of the whole with each choice.
  private func measure(_ precisions: [PrecisionChoice], _ choice: RangeChoice) throws -> [Double] {
    let settings = precisions.map {
      setting($0, sites.integerNodes(float: $0.float, wide: $0.wide), choice)
    }
    return try sensitivity.damages(of: settings, sampleCount: sampleCounts.verification) {
      progress("measuring the whole", $0, $1)
    }
  }

  private func reports(
    _ search: PrecisionSearch, _ precisions: PrecisionChoice
  ) -> [QuantizationResult.NodeReport] {
    sites.candidates.map { id in
      let name = sites.graph[id].name
      let own = search.damages[id] ?? 0
      let precision: QuantizationPlan.Precision =
        if precisions.wide.contains(id) {
          .wide
        } else if !precisions.float.contains(id) {
          .integer
        } else if options.keepFloat.contains(name) {
          .float(reason: "as asked")
        } else {
          .float(reason: "its own damage is \(own.threeDigits)")
        }
      return QuantizationResult.NodeReport(
        name: name, op: sites.graph[id].opName,
        multiplyAccumulates: sites.multiplyAccumulates(of: id), damage: own, precision: precision)
    }
  }
}

extension Double {
  /// Three significant digits.
  fileprivate var threeDigits: String {
    guard self > 0, isFinite else { return description }
    var power = 1.0
    var value = self
    while value < 100 { (value, power) = (value * 10, power * 10) }
    while value >= 1000 { (value, power) = (value / 10, power / 10) }
    return (value.rounded() / power).description
  }
}
