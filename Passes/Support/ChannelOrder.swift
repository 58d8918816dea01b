import IR
import Ops
import PassManager
import Tensors

/// Where the channels of a region's convolutions go so that whoever reads some of them reads whole blocks.
///
/// The filters of every producer are sorted by who reads their channels, each such group from the beginning of a block, small
/// groups sharing one; what is left of blocks is filters of zeros. The producers' results lie one behind the other.
/// Who would read many blocks of which it needs little gets copies of those channels, side by side.
struct ChannelOrder {
  /// A piece of the memory in which all channels lie.
  enum Part: Hashable {
    /// A producer's result: for every channel the one that it was, nil for surplus ones.
    case made(producer: Int, channels: [Int?])
    /// Copies of channels before it.
    case copied(places: [Int])

    var count: Int {
      switch self {
      case .made(_, let channels): channels.count
      case .copied(let places): places.count
      }
    }
  }

  /// What a consumer reads.
  struct Reading {
    /// Parts that there are by then.
    let partCount: Int
    /// The places of the channels, whole blocks.
    let places: [Int]
    /// For each of these the channels of the consumer's old input that it is; none for surplus ones.
    let channels: [[Int]]
  }

  private(set) var parts: [Part] = []
  /// One per consumer.
  private(set) var readings: [Reading] = []
  /// What lies where.
  private var all: [ChannelSource?] = []
  private let block: Int

  /// - Parameter positions: those of nodes in the graph.
  init(_ region: ChannelRegion, block: Int, _ positions: [NodeID: Int]) {
    self.block = block
    var readers: [ChannelSource: [Int]] = [:]
    for (number, consumer) in region.consumers.enumerated() {
      for (_, source) in consumer.usedChannels where readers[source]?.last != number {
        readers[source, default: []].append(number)
      }
    }
    var made = 0
    for consumer in region.consumers {
      while made < region.producers.count, let end = region.producers[made].chain.last,
        positions[end, default: 0] < positions[consumer.id, default: 0]
      {
        let value = region.producers[made].value
        let channels = order(readers.filter { $0.key.root == value })
        parts.append(.made(producer: made, channels: channels))
        all += channels.map { $0.map { ChannelSource(root: value, channel: $0) } }
        made += 1
      }
      read(consumer)
    }
  }

  private func order(_ readers: [ChannelSource: [Int]]) -> [Int?] {
    var groups: [[Int]: [Int]] = [:]
    for (source, numbers) in readers { groups[numbers, default: []].append(source.channel) }
    // The largest first; of equal ones the one that is read first.
    let sorted = groups.sorted {
      $0.value.count != $1.value.count
        ? $0.value.count > $1.value.count : $0.key.lexicographicallyPrecedes($1.key)
    }
    var order: [Int?] = []
    for (_, channels) in sorted {
      let used = order.count % block
      if used > 0, used + channels.count > block { order += surplus(order.count) }
      order += channels.sorted()
    }
    return order + surplus(order.count)
  }

  private func surplus(_ count: Int) -> [Int?] {
    Array(repeating: nil, count: (block - count % block) % block)
  }

  private mutating func read(_ consumer: ChannelRegion.Consumer) {
    var old: [ChannelSource: [Int]] = [:]
    for (channel, source) in consumer.usedChannels {
      old[source, default: []].append(channel)
    }
    // Copies for other readers come last: everything is found before them.
    var missing = Set(old.keys)
    var needed: [(start: Int, places: [Int])] = []
    for start in stride(from: 0, to: all.count, by: block) {
      let places = (start..<start + block).filter { all[$0].map { missing.contains($0) } ?? false }
      if places.isEmpty { continue }
      missing.subtract(places.compactMap { all[$0] })
      needed.append((start, places))
    }
    let sparse = needed.filter { $0.places.count <= block / 2 }
    let copied = sparse.flatMap(\.places)
    var starts = needed.map(\.start)
    if (copied.count + block - 1) / block < sparse.count {
      starts = needed.filter { $0.places.count > block / 2 }.map(\.start)
      let start = copy(copied)
      starts += stride(from: start, to: start + copied.count, by: block)
    }
    let places = starts.flatMap { $0..<$0 + block }
    // Of a channel that is there twice one is enough.
    let channels = places.map { place in
      all[place].flatMap { old.removeValue(forKey: $0) } ?? []
    }
    readings.append(Reading(partCount: parts.count, places: places, channels: channels))
  }

  /// The first place of copies of some channels, made only once.
  private mutating func copy(_ places: [Int]) -> Int {
    let padded = places + surplus(places.count).map { _ in places[0] }
    var start = 0
    for part in parts {
      if part == .copied(places: padded) { return start }
      start += part.count
    }
    parts.append(.copied(places: padded))
    all += places.map { all[$0] } + surplus(places.count).map { _ in nil }
    return start
  }
}
