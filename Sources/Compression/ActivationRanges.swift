import Calibration
import IR
import Ops
import Passes
import Tensors

/// The ranges that a graph's values take, and the parameters that each method makes of them; values that share a scale
/// share both.
struct ActivationRanges: Sendable {
  private let statistics: [ValueID: ValueStatistics]
  private let groups: [ValueID: ValueID]
  private let type: ElementType
  /// Values that a function bounds, whatever the samples were.
  private let bounded: Set<ValueID>

  /// - Parameter statistics: what was seen of each value that may be quantized.
  init(_ sites: QuantizationSites, _ statistics: [ValueID: ValueStatistics], symmetric: Bool) {
    groups = sites.scaleGroups()
    type = symmetric ? .i8 : .u8
    var merged: [ValueID: ValueStatistics] = [:]
    for (value, group) in groups.sorted(by: { $0.key < $1.key }) {
      if let found = statistics[value] { merged[group, default: ValueStatistics()].merge(found) }
    }
    self.statistics = merged
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
  var groupIDs: [ValueID] { statistics.keys.sorted() }

  /// The value whose parameters a value has.
  func group(of value: ValueID) -> ValueID? { groups[value] }

  /// What was seen of a group's values together.
  func statistics(of group: ValueID) -> ValueStatistics {
    statistics[group, default: ValueStatistics()]
  }

  /// The values that have a group's parameters, in graph order.
  func members(of group: ValueID) -> [ValueID] {
    groups.filter { $0.value == group }.keys.sorted()
  }

  /// Parameters by a method for every group.
  ///
  /// What a sigmoid or a softmax makes lies between 0 and 1: min-max takes that for its range.
  func parameters(_ method: RangeMethod) -> [ValueID: QuantizationParameters] {
    let groups = groupIDs
    let grid = IntegerGrid(bitCount: 8, isSymmetric: type == .i8)
    let found = concurrently(groups.count) { number -> (low: Float, high: Float) in
      if method == .minmax, bounded.contains(groups[number]) { return (low: 0, high: 1) }
      return statistics(of: groups[number]).range(method, grid: grid)
    }
    return Dictionary(
      uniqueKeysWithValues: zip(groups, found).map { group, range in
        (
          group,
          QuantizationParameters(low: Double(range.low), high: Double(range.high), type: type)
        )
      })
  }

  /// Parameters of 16 bits for every group: everything that was seen.
  var wideParameters: [ValueID: QuantizationParameters] {
    statistics.mapValues {
      QuantizationParameters(low: Double($0.minimum), high: Double($0.maximum), type: .i16)
    }
  }

  /// Parameters of groups given to all their values.
  func spread(_ parameters: [ValueID: QuantizationParameters]) -> [ValueID: QuantizationParameters]
  {
    groups.compactMapValues { parameters[$0] }
  }
}
