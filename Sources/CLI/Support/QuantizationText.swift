import Foundation
import Martlet

/// What quantization decided and measured, as people read it.
struct QuantizationText {
  private let summary: QuantizationSummary
  /// How many integer nodes are listed by name.
  private static let listedCount = 8

  init(_ summary: QuantizationSummary) { self.summary = summary }

  var text: String {
    let float = summary.nodes.filter { $0.floatReason != nil }
    let integer = summary.nodes.filter { $0.floatReason == nil }
    let total = summary.nodes.reduce(0) { $0 + $1.multiplyAccumulates }
    let share = String(format: "%.1f", 100 * summary.integerShare)
    let measure = summary.measure == "kl-divergence" ? "KL divergence" : "relative squared error"
    var lines = [
      "integer   \(integer.count) of \(summary.nodes.count) nodes, \(share) % of "
        + "\(Quantity.count(total)) multiply-accumulates",
      "damage    \(Quantity.error(summary.damage)) \(measure) measured, "
        + "\(Quantity.error(summary.predictedDamage)) as the sum of the nodes' own, budget "
        + "\(Quantity.error(summary.budget)); \(Quantity.error(summary.damageOfAll)) with every node",
      "samples   \(summary.rangeSampleCount) for ranges, \(summary.sensitivitySampleCount) for single nodes",
    ]
    for node in float {
      lines.append("float     \(node.name) (\(node.op)): \(node.floatReason ?? "")")
    }
    for node in integer where node.bits == 16 {
      lines.append(
        "16 bits   \(node.name) (\(node.op)): \(Quantity.error(node.damage)) alone with 8 bits")
    }
    let dearest = integer.filter { $0.damage > 0 && $0.bits == 8 }.sorted {
      ($1.damage, $0.name) < ($0.damage, $1.name)
    }
    for node in dearest.prefix(Self.listedCount) {
      lines.append("integer   \(node.name) (\(node.op)): \(Quantity.error(node.damage)) alone")
    }
    return lines.joined(separator: "\n")
  }
}
