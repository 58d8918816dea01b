import Calibration
import IR
import Passes
import Tensors

/// Measures what a report shows of a finished plan: signal-to-noise ratios at every candidate's result.
struct EvidenceSearch {
  let sites: QuantizationSites
  let ranges: ActivationRanges
  let sensitivity: Sensitivity
  let choice: RangeChoice
  let wideDamages: [NodeID: Double]
  /// The whole plan.
  let planned: SegmentedModel.Setting
  let progress: (String, Int, Int) -> Void

  /// One entry for each candidate.
  ///
  /// - Throws: what running the model throws.
  func run(sampleCount: Int) throws -> [NodeEvidence] {
    let model = sensitivity.model
    var evidence = sites.candidates.map(evidence)
    let results = sites.candidates.map(model.resultValues)
    let count = sites.candidates.count
    for sample in 0..<sampleCount {
      let baseline = try model.run(sensitivity.inputs(sample))
      let whole = try model.changes(planned, from: baseline)
      for (index, id) in sites.candidates.enumerated() {
        var alone = planned
        alone.integer = [id]
        let found = try model.results(of: id, alone, from: baseline)
        evidence[index].isolated.add(results[index], exact: baseline, found: found)
        evidence[index].cumulative.add(results[index], exact: baseline, found: whole)
        progress("measuring layers", sample * count + index + 1, sampleCount * count)
      }
    }
    return evidence
  }

  /// What is known of a candidate without running it.
  private func evidence(_ id: NodeID) -> NodeEvidence {
    let isWide = planned.wide.contains(id)
    let activations = sites.activations(of: id).compactMap { value -> NodeEvidence.Activation? in
      guard let group = ranges.group(of: value),
        let parameters = (isWide ? ranges.wideParameters : choice.parameters)[group]
      else { return nil }
      return NodeEvidence.Activation(
        name: sites.graph[value].name,
        shares: ranges.members(of: group).filter { $0 != value }.map { sites.graph[$0].name },
        statistics: ranges.statistics(of: group), parameters: parameters,
        method: isWide ? .minmax : choice.methods[group] ?? .minmax)
    }
    return NodeEvidence(
      name: sites.graph[id].name,
      results: sensitivity.model.resultValues(of: id).map { sites.graph[$0].name },
      activations: activations, weights: weights(of: id),
      methodDamages: choice.measured.compactMap { method, damages in
        damages[id].map { (method, $0) }
      }, wideDamage: wideDamages[id])
  }

  private func weights(of id: NodeID) -> [NodeEvidence.Weight] {
    sites.weights(of: id).compactMap { _, value in
      guard let parameters = sensitivity.model.weights[value],
        let tensor = sites.graph.constant(value)
      else { return nil }
      let elements = tensor.doubles
      var noise = NoisePower()
      noise.add(tensor, parameters.rounded(tensor))
      let magnitudes =
        parameters.axis.map { tensor.largestMagnitudes(axis: $0) } ?? [tensor.largestMagnitude]
      return NodeEvidence.Weight(
        name: sites.graph[value].name, shape: tensor.shape, parameters: parameters,
        minimum: elements.min() ?? 0, maximum: elements.max() ?? 0,
        channelMagnitudes: magnitudes.sorted(), noise: noise)
    }
  }
}
