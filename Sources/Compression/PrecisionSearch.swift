import IR
import Passes

/// Which candidates do not read 8 bits.
struct PrecisionChoice: Equatable {
  var float: Set<NodeID> = []
  var wide: Set<NodeID> = []
}

/// Takes the nodes that do most harm out of 8 bits until what remains is within a budget.
///
/// A node becomes float where its work fits into the share that may; a product that does not fit reads 16 bits where
/// that helps and it would break the budget alone. Damages add nearly linearly while they are small, so a sum predicts the whole; the whole is then measured.
struct PrecisionSearch {
  let sites: QuantizationSites
  /// The damage of every candidate alone.
  let damages: [NodeID: Double]
  /// The damage of the dear products alone when they read 16 bits.
  let wideDamages: [NodeID: Double]
  /// Nodes that stay float whatever they do.
  let kept: Set<NodeID>
  /// How much damage is accepted.
  let budget: Double
  let largestFloatShare: Double
  private let work: [NodeID: Int]

  init(
    _ sites: QuantizationSites, damages: [NodeID: Double], wideDamages: [NodeID: Double],
    kept: Set<NodeID>, budget: Double, largestFloatShare: Double
  ) {
    self.sites = sites
    self.damages = damages
    self.wideDamages = wideDamages
    self.kept = kept
    self.budget = budget
    self.largestFloatShare = largestFloatShare
    work = Dictionary(
      uniqueKeysWithValues: sites.candidates.map { ($0, sites.multiplyAccumulates(of: $0)) })
  }

  /// Nodes below this part of the budget are left alone: there would have to be many for them to matter.
  private static let leastShare = 0.02
  /// 16 bits must leave no more than this part of the damage to be worth their work.
  private static let wideGain = 0.5

  /// The dearest nodes, until the rest's damages sum up to less than `limit`.
  func choice(below limit: Double) -> PrecisionChoice {
    let allowed = Double(work.values.reduce(0, +)) * largestFloatShare
    var choice = PrecisionChoice(float: kept)
    var spent = kept.reduce(0) { $0 + (work[$1] ?? 0) }
    var rest = sites.candidates.filter { !kept.contains($0) }
    var sum = rest.reduce(0) { $0 + (damages[$1] ?? 0) }
    rest.sort { (damages[$1] ?? 0, $0) < (damages[$0] ?? 0, $1) }
    for id in rest where sum > limit {
      let own = damages[id] ?? 0
      let cost = work[id] ?? 0
      if own < budget * Self.leastShare { break }
      if Double(spent + cost) <= allowed {
        choice.float.insert(id)
        spent += cost
        sum -= own
      } else if own > budget, let wide = wideDamages[id], wide < own * Self.wideGain {
        choice.wide.insert(id)
        sum -= own - wide
      }
    }
    return choice
  }

  /// The choices to measure, the one with the least in float first: the prediction may be too kind.
  var choices: [PrecisionChoice] {
    var choices: [PrecisionChoice] = []
    for halvings in 0..<8 {
      let next = choice(below: budget / Double(1 << halvings))
      if choices.last != next { choices.append(next) }
    }
    return choices
  }

  /// The sum of the damages of the nodes as chosen.
  func predicted(_ choice: PrecisionChoice) -> Double {
    sites.candidates.reduce(0) { sum, id in
      if choice.float.contains(id) { return sum }
      return sum + ((choice.wide.contains(id) ? wideDamages : damages)[id] ?? 0)
    }
  }
}
