import Calibration
import IR
import Passes
import Tensors

/// Puts what was decided into a plan.
struct PlanWriter {
  let sites: QuantizationSites
  let ranges: ActivationRanges
  let choice: RangeChoice
  let weights: [ValueID: QuantizationParameters]
  /// What is added to biases.
  let corrections: [NodeID: [Float]]

  /// - Parameter reports: what became of the candidates.
  func plan(
    _ precisions: PrecisionChoice, _ reports: [QuantizationResult.NodeReport]
  ) -> QuantizationPlan {
    let graph = sites.graph
    let integer = sites.integerNodes(float: precisions.float, wide: precisions.wide)
    let decided = Dictionary(uniqueKeysWithValues: reports.map { ($0.name, $0.precision) })
    var plan = QuantizationPlan()
    var listed: Set<String> = []
    for id in graph.nodeIDs where sites.kinds[id] != nil {
      let name = graph[id].name
      let moved: QuantizationPlan.Precision =
        integer.contains(id)
        ? .integer : .float(reason: "what reads it does not read 8 bits everywhere")
      plan.nodes.append(.init(name: name, precision: decided[name] ?? moved))
      guard integer.contains(id) else { continue }
      if let added = corrections[id] { plan.biases.append(.init(name: name, summands: added)) }
      for entry in entries(of: id, isWide: precisions.wide.contains(id))
      where listed.insert("\(entry.parameters.type) \(entry.name)").inserted {
        plan.values.append(entry)
      }
    }
    return plan
  }

  /// What a node reads: activations in its precision, and weights.
  private func entries(of id: NodeID, isWide: Bool) -> [QuantizationPlan.ValueEntry] {
    let parameters = isWide ? ranges.wideParameters : choice.parameters
    let activations = sites.activations(of: id).compactMap { value in
      ranges.group(of: value).flatMap { group in
        parameters[group].map { found in
          QuantizationPlan.ValueEntry(
            name: sites.graph[value].name, parameters: found,
            source: (isWide ? .minmax : choice.methods[group])?.description ?? "")
        }
      }
    }
    let constants = sites.weights(of: id).compactMap { _, value in
      weights[value].map {
        QuantizationPlan.ValueEntry(
          name: sites.graph[value].name, parameters: $0, source: "weight")
      }
    }
    return activations + constants
  }
}
