import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// Rewrites a region of convolutions so that they make and read channels in a new order.
struct ReorderedChannels {
  private let region: ChannelRegion
  private let order: ChannelOrder
  /// The new parts so far.
  private var parts: [ValueID] = []
  /// The parts one behind the other, and how many they are.
  private var joined: (value: ValueID, count: Int)?

  init(_ region: ChannelRegion, _ order: ChannelOrder) {
    self.region = region
    self.order = order
  }

  /// Whether channels come to lie elsewhere, and the convolutions do not become much larger.
  static func isWorthwhile(
    _ region: ChannelRegion, _ order: ChannelOrder, _ rw: Rewriter
  ) -> Bool {
    // Weights are in proportion to products, as all images but those behind a stride are of one size.
    func weights(_ id: NodeID, _ factor: Double) -> Double {
      Double(rw.constant(rw.graph[id].inputs[1])?.elementCount ?? 0) * factor
    }
    var (before, after) = (0.0, 0.0)
    var isNew = false
    for case .made(let number, let channels) in order.parts {
      if channels.isEmpty { return false }
      let conv = region.producers[number].chain[0]
      let filters = rw.constant(rw.graph[conv].inputs[1])?.shape[0] ?? 1
      isNew =
        isNew || channels.count != filters
        || channels.enumerated().contains { $1 != nil && $1 != $0 }
      before += weights(conv, 1)
      after += weights(conv, Double(channels.count) / Double(filters))
    }
    for (consumer, reading) in zip(region.consumers, order.readings) {
      let growth = Double(reading.places.count) / Double(consumer.channels.count)
      for id in consumer.sums {
        before += weights(id, 1)
        after += weights(id, growth)
      }
    }
    return isNew && after <= 1.5 * before
  }

  mutating func rewrite(_ rw: inout Rewriter) throws(Diagnostic) {
    for (consumer, reading) in zip(region.consumers, order.readings) {
      while parts.count < reading.partCount {
        switch order.parts[parts.count] {
        case .made(let producer, let channels):
          try make(region.producers[producer], channels, &rw)
        case .copied(let places):
          let whole = try join(parts.count, before: consumer.id, &rw)
          parts.append(try choose(places, of: whole, for: consumer.id, "copies", &rw))
        }
      }
      try read(consumer, reading, &rw)
    }
  }

  // MARK: Producers

  private mutating func make(
    _ producer: ChannelRegion.Producer, _ channels: [Int?], _ rw: inout Rewriter
  ) throws(Diagnostic) {
    guard let last = producer.chain.last else { return }
    let conv = rw.graph[producer.chain[0]]
    var inputs: [ValueID?] = [conv.inputs[0]]
    for input in conv.inputs.dropFirst() {
      inputs.append(input.flatMap { Self.rows($0, channels, &rw) })
    }
    var value: ValueID?
    for id in producer.chain {
      let node = rw.graph[id]
      let name = node.outputs[0].map { rw.graph[$0].name } ?? node.name
      let operands = value.map { [$0] + node.inputs.dropFirst() } ?? inputs
      value = try rw.insert(node.op, inputs: operands, before: last, name: name + ".blocks")
    }
    if let value { parts.append(value) }
  }

  /// A parameter with its rows in a new order; zeros where there is none.
  private static func rows(
    _ value: ValueID, _ channels: [Int?], _ rw: inout Rewriter
  ) -> ValueID? {
    guard let tensor = rw.constant(value) else { return nil }
    let size = tensor.elementCount / max(1, tensor.shape[0])
    let old = tensor.array(of: Float.self)
    var new = Array(repeating: Float(0), count: channels.count * size)
    for (place, channel) in channels.enumerated() {
      guard let channel else { continue }
      new.replaceSubrange(
        place * size..<(place + 1) * size, with: old[channel * size..<(channel + 1) * size])
    }
    let shape = [channels.count] + tensor.shape.dropFirst()
    return rw.makeConstant(Tensor(new, shape: shape), name: rw.graph[value].name + ".blocks")
  }

  // MARK: Consumers

  private mutating func read(
    _ consumer: ChannelRegion.Consumer, _ reading: ChannelOrder.Reading, _ rw: inout Rewriter
  ) throws(Diagnostic) {
    let places = reading.channels
    var value = try join(reading.partCount, before: consumer.id, &rw)
    if reading.places != Array(0..<order.parts.prefix(reading.partCount).map(\.count).reduce(0, +))
    {
      value = try choose(reading.places, of: value, for: consumer.id, "channels", &rw)
    }
    for id in consumer.depthwise {
      let node = rw.graph[id]
      var op = node.op
      var inputs: [ValueID?] = [value] + node.inputs.dropFirst()
      if let conv = op as? Conv {
        op = Conv(group: places.count, window: conv.window)
        let filters = places.map(\.first)
        for index in inputs.indices.dropFirst() {
          inputs[index] = inputs[index].flatMap { Self.rows($0, filters, &rw) }
        }
      }
      let name = node.outputs[0].map { rw.graph[$0].name } ?? node.name
      value = try rw.insert(
        op, inputs: inputs, before: consumer.depthwise[consumer.depthwise.count - 1],
        name: name + ".blocks")
    }
    for id in consumer.sums {
      let node = rw.graph[id]
      guard let weight = node.inputs[1],
        let moved = Self.columns(weight, places, &rw)
      else { continue }
      try rw.replace(id, with: node.op, inputs: [value, moved] + node.inputs.dropFirst(2))
    }
  }

  /// The first parts, one behind the other.
  private mutating func join(
    _ count: Int, before place: NodeID, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    let (whole, known) = joined ?? (parts[0], 1)
    joined = (whole, known)
    if known >= count { return whole }
    let value = try rw.insert(
      Concat(axis: 1), inputs: [whole] + parts[known..<count].map { $0 }, before: place,
      name: rw.graph[parts[0]].name + ".joined")
    joined = (value, count)
    return value
  }

  private func choose(
    _ places: [Int], of whole: ValueID, for reader: NodeID, _ what: String, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    let name = rw.graph[reader].name + "." + what
    let numbers = rw.makeConstant(
      Tensor(places.map(Int64.init), shape: [places.count]), name: name + ".numbers")
    return try rw.insert(Gather(axis: 1), inputs: [whole, numbers], before: reader, name: name)
  }

  /// Weights with their columns in a new order, each the sum of old ones.
  private static func columns(
    _ value: ValueID, _ places: [[Int]], _ rw: inout Rewriter
  ) -> ValueID? {
    guard let tensor = rw.constant(value) else { return nil }
    let (filters, channels) = (tensor.shape[0], tensor.shape[1])
    let size = tensor.elementCount / max(1, filters * channels)
    let old = tensor.array(of: Float.self)
    var new = Array(repeating: Float(0), count: filters * places.count * size)
    for filter in 0..<filters {
      for (place, sources) in places.enumerated() {
        for source in sources {
          let (to, from) = (
            (filter * places.count + place) * size, (filter * channels + source) * size
          )
          for index in 0..<size { new[to + index] += old[from + index] }
        }
      }
    }
    let shape = [filters, places.count] + tensor.shape.dropFirst(2)
    return rw.makeConstant(Tensor(new, shape: shape), name: rw.graph[value].name + ".blocks")
  }
}
