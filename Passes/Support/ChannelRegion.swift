import IR
import Ops
import PassManager
import Tensors

/// Convolutions, and convolutions that read their results through nothing but moves of channels.
struct ChannelRegion {
  /// A convolution whose filters make some channels, with the activations behind it.
  struct Producer {
    /// What the moves read.
    let value: ValueID
    /// The convolution, then its activations.
    let chain: [NodeID]
  }

  /// A convolution that reads moved channels.
  struct Consumer {
    let id: NodeID
    let channels: [ChannelSource]
    /// Whether any weight of a sum is not zero, for each channel.
    let isUsed: [Bool]
    /// Behind a depthwise convolution: it, then its activations. Its channels keep their order for those who read them.
    let depthwise: [NodeID]
    /// The convolutions that sum over the channels: `id`, or the readers of a depthwise convolution.
    let sums: [NodeID]

    /// The channels that count, with their numbers in the input.
    var usedChannels: [(number: Int, source: ChannelSource)] {
      channels.enumerated().filter { isUsed[$0.offset] }.map { ($0.offset, $0.element) }
    }
  }

  /// In graph order, as are the consumers.
  let producers: [Producer]
  let consumers: [Consumer]

  /// The region around moved channels; nil where somebody else makes or reads some of its values.
  init?(
    around roots: Set<ValueID>, _ moves: ChannelMoves, _ rw: Rewriter, _ positions: [NodeID: Int]
  ) {
    let graph = rw.graph
    var producers: [(position: Int, producer: Producer)] = []
    for root in roots {
      guard let chain = Self.chain(making: root, rw), let last = chain.last,
        let position = positions[last]
      else { return nil }
      producers.append((position, Producer(value: root, chain: chain)))
    }
    let moved = moves.sources.filter { $0.value.contains { roots.contains($0.root) } }
    var consumers: [(position: Int, consumer: Consumer)] = []
    for value in roots.union(moved.keys) {
      if rw.isGraphOutput(value) { return nil }
      for reader in graph.readers(of: value) where !moves.nodes.contains(reader) {
        guard let channels = moves.channels(of: value, rw), let position = positions[reader],
          let consumer = Self.consumer(reader, of: value, channels, rw),
          consumer.isUsed.contains(true)
        else { return nil }
        consumers.append((position, consumer))
      }
    }
    if consumers.isEmpty { return nil }
    self.producers = producers.sorted { $0.position < $1.position }.map(\.producer)
    self.consumers = consumers.sorted { $0.position < $1.position }.map(\.consumer)
  }

  /// The convolution that makes a value, and the activations between.
  private static func chain(making value: ValueID, _ rw: Rewriter) -> [NodeID]? {
    var chain: [NodeID] = []
    var value = value
    while let id = rw.graph.producer(of: value) {
      chain.insert(id, at: 0)
      let node = rw.graph[id]
      guard let input = node.inputs.first ?? nil else { return nil }
      if let conv = node.op as? Conv { return conv.group == 1 && isFixed(node, rw) ? chain : nil }
      guard isActivation(node, rw), rw.hasOneUse(input) else { return nil }
      value = input
    }
    return nil
  }

  private static func consumer(
    _ id: NodeID, of value: ValueID, _ channels: [ChannelSource], _ rw: Rewriter
  ) -> Consumer? {
    let node = rw.graph[id]
    guard let conv = node.op as? Conv, node.inputs[0] == value, isFixed(node, rw) else {
      return nil
    }
    if conv.group == 1 {
      return Consumer(
        id: id, channels: channels, isUsed: usedChannels([id], rw), depthwise: [], sums: [id])
    }
    // Every channel has one filter of its own.
    guard conv.group == channels.count, rw.constant(node.inputs[1])?.shape[0] == channels.count,
      Set(channels).count == channels.count
    else { return nil }
    var chain = [id]
    while let last = chain.last, let output = rw.graph[last].outputs[0] {
      if rw.isGraphOutput(output) { return nil }
      let readers = rw.graph.readers(of: output)
      if readers.count == 1, isActivation(rw.graph[readers[0]], rw) {
        chain.append(readers[0])
        continue
      }
      let areSums = readers.allSatisfy {
        let reader = rw.graph[$0]
        return (reader.op as? Conv)?.group == 1 && reader.inputs[0] == output && isFixed(reader, rw)
      }
      guard areSums, !readers.isEmpty else { return nil }
      return Consumer(
        id: id, channels: channels, isUsed: usedChannels(readers, rw), depthwise: chain,
        sums: readers)
    }
    return nil
  }

  private static func usedChannels(_ sums: [NodeID], _ rw: Rewriter) -> [Bool] {
    var used: [Bool] = []
    for id in sums {
      guard let weight = rw.constant(rw.graph[id].inputs[1]) else { continue }
      let (channels, values) = (weight.shape[1], weight.array(of: Float.self))
      let size = max(1, values.count / max(1, weight.shape[0] * channels))
      if used.isEmpty { used = Array(repeating: false, count: channels) }
      for (index, value) in values.enumerated() where value != 0 {
        used[index / size % channels] = true
      }
    }
    return used
  }

  /// Whether a convolution's parameters are constants in single precision.
  private static func isFixed(_ node: Node, _ rw: Rewriter) -> Bool {
    node.inputs.dropFirst().allSatisfy { input in
      input.map { rw.constant($0)?.type == .f32 } ?? true
    }
  }

  /// Whether a node is a function of one operand that is a number for 0: surplus channels hold that.
  private static func isActivation(_ node: Node, _ rw: Rewriter) -> Bool {
    switch node.op {
    case is Relu, is LeakyRelu, is Sigmoid, is HardSigmoid, is HardSwish, is Swish, is Tanh, is Elu,
      is Gelu:
      true
    case is Clip: node.inputs.dropFirst().allSatisfy { $0.map { rw.constant($0) != nil } ?? true }
    default: false
    }
  }
}
