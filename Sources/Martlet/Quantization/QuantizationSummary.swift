import Compression

/// What quantization decided and measured, for people and programs.
public struct QuantizationSummary: Encodable, Sendable {
  /// One node that could be quantized.
  public struct NodeEntry: Encodable, Sendable {
    public let name: String
    public let op: String
    public let multiplyAccumulates: Int
    /// The damage at the output when this node alone is quantized.
    public let damage: Double
    /// Why the node stays float; nil for integer nodes.
    public let floatReason: String?
  }

  /// In graph order.
  public let nodes: [NodeEntry]
  /// `kl-divergence` of class distributions, or `relative-error` of other outputs.
  public let measure: String
  public let budget: Double
  /// The damage with the plan carried out, and with everything quantized that can be, measured.
  public let damage: Double
  public let damageOfAll: Double
  /// The sum of the integer nodes' own damages.
  public let predictedDamage: Double
  /// The part of all multiply-accumulates that are done in integers.
  public let integerShare: Double
  /// How many samples gave the ranges, and how many the nodes' own damages.
  public let rangeSampleCount: Int
  public let sensitivitySampleCount: Int

  init(_ result: QuantizationResult) {
    nodes = result.nodes.map {
      NodeEntry(
        name: $0.name, op: $0.op, multiplyAccumulates: $0.multiplyAccumulates, damage: $0.damage,
        floatReason: $0.floatReason)
    }
    measure = result.isDivergence ? "kl-divergence" : "relative-error"
    budget = result.budget
    damage = result.damage
    damageOfAll = result.damageOfAll
    predictedDamage = result.predictedDamage
    integerShare = result.integerShare
    rangeSampleCount = result.sampleCounts.ranges
    sensitivitySampleCount = result.sampleCounts.sensitivity
  }
}
