package import Calibration
package import IR
import Passes

extension QuantizationSites {
  /// How many times wider the widest range of a concatenation may be than the narrowest, for all to share a scale.
  private static let largestSpread = 4.0

  /// For every value that a node of a kind reads or a carrier makes, the first value of those it shares its scale with.
  package func scaleGroups() -> [ValueID: ValueID] {
    var parents: [ValueID: ValueID] = [:]
    func root(_ value: ValueID) -> ValueID {
      var value = value
      while let parent = parents[value], parent != value { value = parent }
      return value
    }
    for id in graph.nodeIDs {
      guard let kind = kinds[id] else { continue }
      let read = activations(of: id)
      for value in read where parents[value] == nil { parents[value] = value }
      guard kind == .carrier, let first = read.first else { continue }
      for value in read + graph[id].outputs.compactMap({ $0 }) {
        let (a, b) = (root(first), root(value))
        parents[max(a, b)] = min(a, b)
      }
    }
    return Dictionary(uniqueKeysWithValues: parents.keys.map { ($0, root($0)) })
  }

  /// Concatenations whose operands' ranges differ too much for one scale.
  package func unevenConcatenations(_ statistics: [ValueID: ValueStatistics]) -> Set<NodeID> {
    let uneven = graph.nodeIDs.filter { id in
      guard kinds[id] == .carrier, graph[id].inputs.count > 1 else { return false }
      let widths = activations(of: id).compactMap { statistics[$0] }.map {
        Double(max($0.maximum, 0) - min($0.minimum, 0))
      }
      guard let narrowest = widths.min(), let widest = widths.max() else { return false }
      return widest > Self.largestSpread * narrowest
    }
    return Set(uneven)
  }

  /// The nodes that read integers when those candidates do that are not in `float`: a carrier moves integers where all
  /// that read it want them, in 8 bits.
  package func integerNodes(float: Set<NodeID>, wide: Set<NodeID>) -> Set<NodeID> {
    var integer: Set<NodeID> = []
    for id in graph.nodeIDs.reversed() {
      switch kinds[id] {
      case .product, .arithmetic: if !float.contains(id) { integer.insert(id) }
      case .carrier:
        let moves = graph[id].outputs.compactMap { $0 }.allSatisfy { output in
          !graph.outputs.contains(output)
            && graph.readers(of: output).allSatisfy {
              integer.contains($0) && !wide.contains($0) && activations(of: $0).contains(output)
            }
        }
        if moves { integer.insert(id) }
      case nil: break
      }
    }
    return integer
  }
}
