import IR
import Ops
import Tensors

/// Which values are computed where a concatenation along channels wants them, so that nothing is copied.
///
/// Every chain of concatenations has one root, whose memory holds all channels. A value whose first channel there begins a
/// block is computed in its part of that memory; so is a concatenation whose inputs lie one behind the other
/// (DenseNet, Huang et al. 2017, arXiv:1608.06993, concatenates the same values again and again).
struct ChannelParts {
  struct Home: Hashable {
    /// The value whose memory holds all channels.
    let root: ValueID
    let firstChannel: Int
  }

  private(set) var homes: [ValueID: Home] = [:]
  /// The values with a part in each root.
  private(set) var members: [ValueID: [ValueID]] = [:]

  /// - Parameter block: channels per block of a value.
  init(_ graph: Graph, block: (ValueID) -> Int) {
    // Of nested or repeated concatenations the last one is the largest.
    for id in graph.nodeIDs.reversed() {
      let node = graph[id]
      guard let concat = node.op as? Concat, let result = node.outputs.first ?? nil,
        let shape = Self.shape(of: result, in: graph),
        concat.axis == 1 || concat.axis == 1 - shape.count
      else { continue }
      let inputs = node.inputs.compactMap { $0 }
      if homes[result] == nil { adoptPlace(of: inputs, as: result, block: block, in: graph) }
      assign(inputs, of: result, shape, block: block, in: graph)
    }
    for (value, home) in homes { members[home.root, default: []].append(value) }
  }

  /// Images whose size is known, one at a time: only then is a part a piece of memory.
  private static func shape(of value: ValueID, in graph: Graph) -> [IndexExpr]? {
    guard let shape = graph.tensorType(value)?.shape, shape.count >= 3, shape[0] == 1,
      shape.allSatisfy(\.isConstant)
    else { return nil }
    return shape
  }

  /// Where a concatenation's inputs have homes in this order already, the result is there, if it ends with a block: lanes
  /// beyond its last channel would be another value's.
  private mutating func adoptPlace(
    of inputs: [ValueID], as result: ValueID, block: (ValueID) -> Int, in graph: Graph
  ) {
    guard let first = inputs.first.flatMap({ homes[$0] }) else { return }
    var next = first.firstChannel
    for input in inputs {
      guard homes[input] == Home(root: first.root, firstChannel: next),
        let channels = graph.tensorType(input)?.shape?[1].value
      else { return }
      next += channels
    }
    let isWhole = block(result) == block(first.root) && next % block(first.root) == 0
    if isWhole { homes[result] = first }
  }

  private mutating func assign(
    _ inputs: [ValueID], of result: ValueID, _ shape: [IndexExpr], block: (ValueID) -> Int,
    in graph: Graph
  ) {
    let own = homes[result] ?? Home(root: result, firstChannel: 0)
    var next = own.firstChannel
    for input in inputs {
      guard let part = Self.shape(of: input, in: graph), let channels = part[1].value,
        part.count == shape.count, part.dropFirst(2).elementsEqual(shape.dropFirst(2))
      else { return }
      let fits = block(input) == block(own.root) && next % block(own.root) == 0
      if homes[input] == nil, fits, !graph.inputs.contains(input) {
        homes[input] = Home(root: own.root, firstChannel: next)
      }
      next += channels
    }
  }
}
