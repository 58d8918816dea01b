import Compression
import Passes

/// What quantization decided and measured, for people and programs.
public struct QuantizationSummary: Encodable, Sendable {
  /// One node that could be quantized.
  public struct NodeEntry: Encodable, Sendable {
    public let name: String
    public let op: String
    public let multiplyAccumulates: Int
    /// The damage at the output when this node alone is quantized.
    public let damage: Double
    /// How many bits of what it reads; 32 for float.
    public let bits: Int
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
    nodes = result.nodes.map { node in
      var reason: String?
      if case .float(let found) = node.precision { reason = found }
      return NodeEntry(
        name: node.name, op: node.op, multiplyAccumulates: node.multiplyAccumulates,
        damage: node.damage, bits: reason != nil ? 32 : node.precision == .wide ? 16 : 8,
        floatReason: reason)
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
