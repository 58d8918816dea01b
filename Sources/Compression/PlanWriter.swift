import IR
import Passes

/// Puts what was decided into a plan.
struct PlanWriter {
  let sites: QuantizationSites
  let ranges: ActivationRanges
  let methods: [ValueID: RangeMethod]
  /// By group.
  let parameters: [ValueID: QuantizationParameters]
  let weights: [ValueID: QuantizationParameters]

  /// - Parameter reasons: why candidates stay float, by name.
  func plan(float: Set<NodeID>, reasons: [String: String?]) -> QuantizationPlan {
    let graph = sites.graph
    let integer = sites.integerNodes(float: float)
    let activations = ranges.spread(parameters)
    var plan = QuantizationPlan()
    var listed: Set<ValueID> = []
    for id in graph.nodeIDs {
      guard sites.kinds[id] != nil else { continue }
      let name = graph[id].name
      guard integer.contains(id) else {
        let reason = (reasons[name] ?? nil) ?? "its readers do not all read integers"
        plan.nodes.append(.init(name: name, precision: .float(reason: reason)))
        continue
      }
      plan.nodes.append(.init(name: name, precision: .integer))
      for value in sites.activations(of: id) where listed.insert(value).inserted {
        guard let found = activations[value] else { continue }
        let method = ranges.group(of: value).flatMap { methods[$0] }
        plan.values.append(
          .init(name: graph[value].name, parameters: found, source: method?.rawValue ?? ""))
      }
      for (_, value) in sites.weights(of: id) where listed.insert(value).inserted {
        guard let found = weights[value] else { continue }
        plan.values.append(.init(name: graph[value].name, parameters: found, source: "weight"))
      }
    }
    return plan
  }
}
