package import Diagnostics
package import Passes

/// A plan, and what was measured on the way to it.
package struct QuantizationResult: Sendable {
  /// What was found for one node that could be quantized.
  package struct NodeReport: Sendable {
    package let name: String
    package let op: String
    package let multiplyAccumulates: Int
    /// The damage at the output when this node alone is quantized.
    package let damage: Double
    package let precision: QuantizationPlan.Precision

    /// Whether its products are of integers, of 8 or 16 bits.
    package var isInteger: Bool { precision == .integer || precision == .wide }
  }

  package var plan = QuantizationPlan()
  /// In graph order.
  package var nodes: [NodeReport] = []
  /// Whether the damage is a Kullback-Leibler divergence; a relative squared error otherwise.
  package var isDivergence = false
  package var budget = 0.0
  /// The damage with the whole plan carried out, measured on samples.
  package var damage = 0.0
  /// The sum of the integer nodes' own damages.
  package var predictedDamage = 0.0
  /// The damage with everything quantized that can be.
  package var damageOfAll = 0.0
  /// How many samples gave the ranges, and how many the nodes' own damages.
  package var sampleCounts = (ranges: 0, sensitivity: 0)
  /// Values that were the same number throughout.
  package var warnings = DiagnosticList()
  /// What a report shows of the candidates, in graph order; empty where it was not asked for.
  package var evidence: [NodeEvidence] = []

  package init() {}

  /// The part of all multiply-accumulates that are done in integers.
  package var integerShare: Double {
    let total = nodes.reduce(0) { $0 + $1.multiplyAccumulates }
    let integer = nodes.filter(\.isInteger).reduce(0) { $0 + $1.multiplyAccumulates }
    return total > 0 ? Double(integer) / Double(total) : 1
  }
}
