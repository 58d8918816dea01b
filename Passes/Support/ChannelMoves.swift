import IR
import Ops
import PassManager
import Tensors

/// One channel of a value that something other than a move of channels makes.
struct ChannelSource: Hashable {
  let root: ValueID
  let channel: Int
}

/// What becomes of channels on their way through operators that only move them: splits, slices, choices and
/// concatenations along axis 1, and shuffles (Reshape, Transpose, Reshape).
///
/// Followed are single images of known size in single precision.
struct ChannelMoves {
  /// The channels of every value that a move makes.
  private(set) var sources: [ValueID: [ChannelSource]] = [:]
  /// The nodes that only move channels.
  private(set) var nodes: Set<NodeID> = []
  /// Values whose channels do not lie as whole blocks of their roots, in order: they take copies.
  private(set) var scattered: [ValueID] = []
  private let block: Int

  /// - Parameter block: channels that lie side by side, whatever is chosen.
  init(_ rw: inout Rewriter, block: Int) {
    self.block = block
    for id in rw.graph.nodeIDs { note(id, &rw) }
  }

  /// The channels of a value, its own where no move makes it; nil where it is not followed.
  func channels(of value: ValueID?, _ rw: Rewriter) -> [ChannelSource]? {
    guard let value, let shape = Self.shape(of: value, rw) else { return nil }
    return sources[value]
      ?? (0..<shape[1]).map { ChannelSource(root: value, channel: $0) }
  }

  private static func shape(of value: ValueID?, _ rw: Rewriter) -> [Int]? {
    guard let shape = rw.staticShape(value), shape.count >= 3, shape[0] == 1,
      rw.type(value)?.element == .f32
    else { return nil }
    return shape
  }

  private mutating func note(_ id: NodeID, _ rw: inout Rewriter) {
    let node = rw.graph[id]
    let input = node.inputs.first ?? nil
    switch node.op {
    case let concat as Concat:
      var all: [ChannelSource] = []
      for part in node.inputs {
        guard isChannelAxis(concat.axis, part, rw), let own = channels(of: part, rw) else { return }
        all += own
      }
      keep(id, [all], rw)
    case let split as Split:
      guard isChannelAxis(split.axis, input, rw), let own = channels(of: input, rw) else { return }
      var parts: [[ChannelSource]] = []
      var next = 0
      for output in node.outputs {
        guard let count = Self.shape(of: output, rw)?[1], next + count <= own.count else { return }
        parts.append(Array(own[next..<next + count]))
        next += count
      }
      keep(id, parts, rw)
    case let gather as Gather:
      guard isChannelAxis(gather.axis, input, rw), let own = channels(of: input, rw),
        let chosen = rw.constant(node.inputs[1]), chosen.rank == 1, let numbers = chosen.integers,
        numbers.allSatisfy({ (-own.count..<own.count).contains($0) })
      else { return }
      keep(id, [numbers.map { own[$0 < 0 ? $0 + own.count : $0] }], rw)
    case let slice as Slice:
      guard let own = channels(of: input, rw), let chosen = Self.chosen(slice, node, &rw) else {
        return
      }
      keep(id, [chosen.map { own[$0] }], rw)
    case is Reshape:
      guard let shuffle = ChannelShuffle(endingIn: id, rw),
        let own = channels(of: shuffle.input, rw)
      else { return }
      nodes.formUnion(shuffle.nodes)
      keep(id, [own.indices.map { own[shuffle.source(of: $0)] }], rw)
    default: return
    }
  }

  private mutating func keep(_ id: NodeID, _ results: [[ChannelSource]], _ rw: Rewriter) {
    nodes.insert(id)
    for (output, channels) in zip(rw.graph[id].outputs, results) {
      guard let output else { continue }
      sources[output] = channels
      if !lieInBlocks(channels) { scattered.append(output) }
    }
  }

  /// Whether every block of a value is a block of a root, or the value is one behind the other of whole roots.
  private func lieInBlocks(_ channels: [ChannelSource]) -> Bool {
    var start = 0
    while start < channels.count {
      var end = start + 1
      let first = channels[start]
      while end < channels.count,
        channels[end] == ChannelSource(root: first.root, channel: first.channel + end - start)
      {
        end += 1
      }
      if first.channel % block != 0 { return false }
      start = end
    }
    return true
  }

  private func isChannelAxis(_ axis: Int, _ value: ValueID?, _ rw: Rewriter) -> Bool {
    axis == 1 || axis == 1 - (rw.rank(value) ?? 0)
  }

  /// The channels that a slice of nothing but channels takes.
  private static func chosen(_ slice: Slice, _ node: Node, _ rw: inout Rewriter) -> [Int]? {
    func given(_ index: Int) -> ValueID? { index < node.inputs.count ? node.inputs[index] : nil }
    guard let shape = shape(of: given(0), rw), let starts = rw.integers(given(1)),
      let ends = rw.integers(given(2))
    else { return nil }
    let (axes, steps) = (rw.integers(given(3)), rw.integers(given(4)))
    guard axes != nil || given(3) == nil, steps != nil || given(4) == nil,
      let ranges = try? slice.ranges(
        shape.map { IndexExpr($0) }, starts: starts.map { IndexExpr($0) },
        ends: ends.map { IndexExpr($0) }, axes: axes, steps: steps),
      ranges.keys.sorted() == [1], case .some(.some(let range)) = ranges[1],
      let start = range.start.value, let count = range.count.value, count > 0
    else { return nil }
    return (0..<count).map { start + $0 * range.step }
  }
}

/// Channels dealt out in turns: seen as groups of equal size, the first of each, then the second of each, ...
///
/// Source: Zhang et al. 2018, arXiv:1707.01083, section 3.1.
struct ChannelShuffle {
  let input: ValueID
  /// The nodes before the last one.
  let nodes: [NodeID]
  private let groups: Int
  private let perGroup: Int

  /// The shuffle whose last node is a Reshape; nil where there is none, or others read what is between.
  init?(endingIn id: NodeID, _ rw: Rewriter) {
    guard let middle = rw.graph[id].inputs[0], rw.hasOneUse(middle),
      let transpose = rw.def(of: middle, as: Transpose.self),
      let split = transpose.input(0), rw.hasOneUse(split),
      let first = rw.def(of: split, as: Reshape.self), let input = first.input(0),
      let shape = rw.staticShape(input), let grouped = rw.staticShape(split),
      shape.count >= 3, grouped.count == shape.count + 1, grouped[0] == shape[0],
      grouped[1] * grouped[2] == shape[1], grouped.dropFirst(3) == shape.dropFirst(2),
      rw.staticShape(rw.graph[id].outputs[0]) == shape,
      let order = try? transpose.op.permutation(rank: grouped.count),
      order == [0, 2, 1] + Array(3..<grouped.count)
    else { return nil }
    self.input = input
    nodes = [first.id, transpose.id]
    (groups, perGroup) = (grouped[1], grouped[2])
  }

  /// The channel of the input that a channel of the result is.
  func source(of channel: Int) -> Int { channel % groups * perGroup + channel / groups }
}
