import Compression
import IR
import Passes
public import Tensors

extension Model {
  /// What quantization decided of this model, with times of both forms measured now.
  ///
  /// - Parameters:
  ///   - outcome: what the search found, with `options.collectsEvidence`.
  ///   - quantized: this model with the plan carried out.
  ///   - inputs: one sample, which both forms run on to be timed.
  ///   - seconds: how long to measure whole runs, and each form's layers.
  /// - Precondition: `prepareForQuantization` has run.
  /// - Throws: what binding the sample's shapes and running throws.
  public func quantizationReport(
    _ outcome: QuantizationOutcome, quantized: Model, inputs: [String: Tensor],
    _ options: QuantizeOptions, seconds: Double = 1
  ) throws -> QuantizationReport {
    let result = outcome.result
    let evidence = Dictionary(result.evidence.map { ($0.name, $0) }) { first, _ in first }
    let times = try QuantizationTimes(
      float: self, quantized: quantized,
      layers: result.nodes.map { node in
        .init(
          name: node.name, results: evidence[node.name]?.results ?? [],
          isProduct: node.multiplyAccumulates > 0)
      }, inputs: inputs, threads: max(options.threads, 1), code: options.code, seconds: seconds)
    let total = result.nodes.reduce(0) { $0 + $1.damage }
    let context = QuantizationReport.Layer.Context(
      isMethodAsked: options.method != .auto, budget: result.budget, totalDamage: total,
      floatTimes: times?.float ?? [:], quantizedTimes: times?.quantized ?? [:],
      corrections: Dictionary(result.plan.biases.map { ($0.name, $0.summands) }) { first, _ in first
      })
    let layers = result.nodes.enumerated().compactMap { place, node in
      evidence[node.name].map { QuantizationReport.Layer(node, $0, place: place, context) }
    }
    let work = result.nodes.reduce(0) { $0 + $1.multiplyAccumulates }
    let wide = layers.filter { $0.bits == 16 }.reduce(0) { $0 + $1.multiplyAccumulates }
    let names = Set(layers.map(\.name))
    return QuantizationReport(
      version: QuantizationReport.currentVersion, producer: "martlet \(martletVersion)",
      model: path, measure: outcome.summary.measure, method: options.method.rawValue,
      budget: result.budget, damage: result.damage, predictedDamage: result.predictedDamage,
      damageOfAll: result.damageOfAll,
      samples: .init(ranges: result.sampleCounts.ranges, layers: result.sampleCounts.sensitivity),
      multiplyAccumulates: work, integerShare: result.integerShare,
      wideShare: work > 0 ? Double(wide) / Double(work) : 0,
      weightBytes: .init(
        float: summary.constantByteCount, quantized: quantized.summary.constantByteCount),
      times: times?.whole,
      layers: layers.sorted { ($1.damage, $0.place) < ($0.damage, $1.place) },
      moves: result.plan.nodes.filter { !names.contains($0.name) }.map { entry in
        var reason: String?
        if case .float(let found) = entry.precision { reason = found }
        return .init(name: entry.name, floatReason: reason)
      },
      scalings: result.plan.migrations.map { entry in
        .init(
          name: entry.name, channelCount: entry.factors.count,
          leastFactor: Double(entry.factors.min() ?? 1),
          greatestFactor: Double(entry.factors.max() ?? 1))
      })
  }
}
