import IR
import Ops
import Passes
import Tensors

/// The ranges that a graph's values take, and the parameters that each method makes of them; values that share a scale
/// share both.
struct ActivationRanges: Sendable {
  private let histograms: [ValueID: Histogram]
  private let groups: [ValueID: ValueID]
  private let type: ElementType
  /// Values that a function bounds, whatever the samples were.
  private let bounded: Set<ValueID>

  /// - Parameter histograms: what was seen of each value that may be quantized.
  init(_ sites: QuantizationSites, _ histograms: [ValueID: Histogram], symmetric: Bool) {
    groups = sites.scaleGroups()
    type = symmetric ? .i8 : .u8
    var merged: [ValueID: Histogram] = [:]
    for (value, group) in groups.sorted(by: { $0.key < $1.key }) {
      guard let found = histograms[value] else { continue }
      merged[group] = merged[group]?.merged(with: found) ?? found
    }
    self.histograms = merged
    var bounded = Set(merged.keys)
    for (value, group) in groups where !Self.isBounded(value, sites) && !Self.isMoved(value, sites)
    {
      bounded.remove(group)
    }
    self.bounded = bounded
  }

  private static func isBounded(_ value: ValueID, _ sites: QuantizationSites) -> Bool {
    guard let producer = sites.graph.producer(of: value) else { return false }
    let op = sites.graph[producer].op
    return op is Sigmoid || op is HardSigmoid || op is Softmax
  }

  private static func isMoved(_ value: ValueID, _ sites: QuantizationSites) -> Bool {
    guard let producer = sites.graph.producer(of: value) else { return false }
    return sites.kinds[producer] == .carrier
  }

  /// The values that have parameters of their own, in graph order.
  var groupIDs: [ValueID] { histograms.keys.sorted() }

  /// The value whose parameters a value has.
  func group(of value: ValueID) -> ValueID? { groups[value] }

  /// Parameters by a method for every group.
  ///
  /// What a sigmoid or a softmax makes lies between 0 and 1: min-max takes that for its range.
  func parameters(_ method: RangeMethod) -> [ValueID: QuantizationParameters] {
    let groups = groupIDs
    let found = concurrently(groups.count) { number in
      guard let histogram = histograms[groups[number]] else { return (low: 0.0, high: 0.0) }
      return method == .minmax && bounded.contains(groups[number])
        ? (low: 0, high: 1) : method.range(histogram, type)
    }
    return Dictionary(
      uniqueKeysWithValues: zip(groups, found).map { group, range in
        (group, QuantizationParameters(low: range.low, high: range.high, type: type))
      })
  }

  /// Parameters of 16 bits for every group: everything that was seen.
  var wideParameters: [ValueID: QuantizationParameters] {
    histograms.mapValues { QuantizationParameters(low: $0.low, high: $0.high, type: .i16) }
  }

  /// Parameters of groups given to all their values.
  func spread(_ parameters: [ValueID: QuantizationParameters]) -> [ValueID: QuantizationParameters]
  {
    groups.compactMapValues { parameters[$0] }
  }
}
