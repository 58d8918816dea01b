package import IR
import Ops
import Tensors

/// A value whose channels can be scaled without changing what the graph computes: constants before it take in the
/// inverse factors, the weights of the layers that read it the factors themselves.
package struct ChannelMigration {
  /// A constant input of a node.
  package struct Site {
    package let node: NodeID
    package let position: Int
    /// The axis of the constant along which the value's channels run.
    package let axis: Int
  }

  package let value: ValueID
  /// The axis of the value's channels.
  package let axis: Int
  package let channelCount: Int
  /// Constants that are divided by the factors.
  package let sources: [Site]
  /// Weights that are multiplied by them.
  package let readers: [Site]
  /// Whether every reader has a scale of its own for each of the value's channels.
  package let isDepthwise: Bool

  /// Nil where something else reads the value, or what makes it is no layer or per-channel arithmetic followed by
  /// functions that commute with positive factors.
  package init?(_ value: ValueID, in graph: Graph) {
    guard let shape = graph.tensorType(value)?.shape, shape.count >= 2,
      graph.tensorType(value)?.element == .f32, !graph.outputs.contains(value)
    else { return nil }
    var readers: [Site] = []
    var axes: Set<Int> = []
    var depthwise: Set<Bool> = []
    for id in graph.readers(of: value) {
      guard let reader = Self.reader(id, value, rank: shape.count, graph) else { return nil }
      readers.append(reader.site)
      axes.insert(reader.axis)
      depthwise.insert(reader.isDepthwise)
    }
    guard let axis = axes.first, axes.count == 1, depthwise.count == 1,
      let count = shape[axis].value,
      let sources = Self.sources(value, axis: axis, count: count, graph)
    else { return nil }
    self.value = value
    self.axis = axis
    channelCount = count
    self.sources = sources
    self.readers = readers
    isDepthwise = depthwise.contains(true)
  }

  private static func reader(
    _ id: NodeID, _ value: ValueID, rank: Int, _ graph: Graph
  ) -> (site: Site, axis: Int, isDepthwise: Bool)? {
    let node = graph[id]
    guard node.inputs.first == value, node.inputs.count > 1,
      node.inputs.filter({ $0 == value }).count == 1,
      let weight = graph.constant(node.inputs[1]), weight.type == .f32
    else { return nil }
    switch node.op {
    case let conv as Conv:
      if conv.group == 1 { return (Site(node: id, position: 1, axis: 1), 1, false) }
      guard weight.shape[1] == 1, conv.group == weight.shape[0] else { return nil }
      return (Site(node: id, position: 1, axis: 0), 1, true)
    case let gemm as Gemm where !gemm.transA:
      return (Site(node: id, position: 1, axis: gemm.transB ? 1 : 0), 1, false)
    case is MatMul where weight.rank == 2:
      return (Site(node: id, position: 1, axis: 0), rank - 1, false)
    default: return nil
    }
  }

  /// The constants that make the value proportional to the factors they take in; nil where there are none.
  private static func sources(
    _ value: ValueID, axis: Int, count: Int, _ graph: Graph
  ) -> [Site]? {
    var sources: [Site] = []
    var value = value
    while let id = graph.producer(of: value), let rank = graph.tensorType(value)?.shape?.count {
      let node = graph[id]
      switch node.op {
      case is Relu, is LeakyRelu, is Identity, is MaxPool: break
      case is Conv where axis == 1, is Gemm where axis == 1, is MatMul where axis == rank - 1:
        return layer(id, node, graph).map { sources + $0 }
      case is Mul, is Add:
        guard let position = node.inputs.firstIndex(where: { graph.constant($0) != nil }),
          let constant = graph.constant(node.inputs[position]), constant.type == .f32,
          let place = channelAxis(of: constant, axis: axis, rank: rank, count: count)
        else { return nil }
        sources.append(Site(node: id, position: position, axis: place))
        if node.op is Mul { return sources }
        guard let other = node.inputs[1 - position], graph.useCount(of: other) == 1 else {
          return nil
        }
        value = other
        continue
      default: return nil
      }
      guard let input = node.inputs.first, let input, graph.useCount(of: input) == 1 else {
        return nil
      }
      value = input
    }
    return nil
  }

  private static func layer(_ id: NodeID, _ node: Node, _ graph: Graph) -> [Site]? {
    guard let weight = graph.constant(node.inputs[1]), weight.type == .f32 else { return nil }
    var axis = 0
    if let gemm = node.op as? Gemm { axis = gemm.transB ? 0 : 1 }
    if node.op is MatMul {
      guard weight.rank == 2 else { return nil }
      axis = 1
    }
    var sites = [Site(node: id, position: 1, axis: axis)]
    if node.inputs.count > 2, let bias = node.inputs[2] {
      guard let tensor = graph.constant(bias), tensor.type == .f32,
        tensor.shape.last == tensor.elementCount
      else { return nil }
      sites.append(Site(node: id, position: 2, axis: tensor.rank - 1))
    }
    return sites
  }

  /// The axis of a constant that meets an axis of what it is broadcast to, if it varies along no other.
  private static func channelAxis(of constant: Tensor, axis: Int, rank: Int, count: Int) -> Int? {
    let place = axis - (rank - constant.rank)
    guard constant.rank <= rank, place >= 0, constant.shape[place] == count,
      constant.elementCount == count
    else { return nil }
    return place
  }
}
