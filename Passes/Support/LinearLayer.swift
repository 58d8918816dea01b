import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// A convolution or a matrix product with constant weights, whose output channels can take in a factor and a summand.
struct LinearLayer {
  let id: NodeID
  let node: Node
  /// The axis of the output that the weights' channels run along.
  let channelAxis: Int
  let channelCount: Int
  private let weight: Tensor
  private let bias: [Double]?

  /// The layer that makes `value`, if nobody else reads it and its parameters are float constants.
  init?(making value: ValueID?, _ rw: Rewriter) {
    guard let value, rw.hasOneUse(value), let id = rw.graph.producer(of: value) else { return nil }
    let node = rw.graph[id]
    guard node.outputs.first == value, node.inputs.count >= 2,
      let weight = rw.constant(node.inputs[1]), weight.type.isFloat, weight.rank >= 2,
      let rank = rw.rank(value)
    else { return nil }
    switch node.op {
    case is Conv:
      channelAxis = 1
      channelCount = weight.shape[0]
    case let transpose as ConvTranspose:
      channelAxis = 1
      channelCount = weight.shape[1] * transpose.group
    case let gemm as Gemm:
      channelAxis = 1
      channelCount = weight.shape[gemm.transB ? 0 : 1]
    case is MatMul:
      guard weight.rank == 2 else { return nil }
      channelAxis = rank - 1
      channelCount = weight.shape[1]
    default: return nil
    }
    if node.inputs.count > 2, let input = node.inputs[2] {
      guard let found = Self.bias(rw.constant(input), node.op, channelCount) else { return nil }
      bias = found
    } else {
      bias = nil
    }
    self.id = id
    self.node = node
    self.weight = weight
  }

  /// The summand per channel that a bias input means; nil where it is none.
  private static func bias(_ tensor: Tensor?, _ op: any Op, _ count: Int) -> [Double]? {
    guard let tensor else { return nil }
    let factor = (op as? Gemm)?.beta ?? 1
    guard tensor.elementCount == 1 || (tensor.shape.last == count && tensor.elementCount == count)
    else { return nil }
    let values = tensor.doubles.map { $0 * factor }
    return values.count == count ? values : Array(repeating: values[0], count: count)
  }

  /// The numbers per channel that a constant operand broadcasts to; nil where it varies along other axes.
  func perChannel(_ tensor: Tensor, rank: Int) -> [Double]? {
    guard tensor.type.isFloat, tensor.rank <= rank else { return nil }
    for (place, dimension) in tensor.shape.enumerated() where dimension != 1 {
      let axis = place + rank - tensor.rank
      guard axis == channelAxis, dimension == channelCount else { return nil }
    }
    let values = tensor.doubles
    guard let first = values.first else { return nil }
    return values.count == channelCount ? values : Array(repeating: first, count: channelCount)
  }

  /// Makes node `root` compute this layer with every output channel multiplied by `factor`, then added to `summand`.
  ///
  /// False where the layer's operator has no place for a summand.
  func replace(
    _ root: NodeID, factor: [Double], summand: [Double], _ rw: inout Rewriter
  ) throws(Diagnostic) -> Bool {
    var op = node.op
    let hasSummand = summand.contains { $0 != 0 }
    if op is MatMul, hasSummand {
      guard rw.rank(node.inputs[0]) == 2 else { return false }
      op = Gemm()
    }
    if let gemm = op as? Gemm {
      op = Gemm(alpha: gemm.alpha, beta: 1, transA: gemm.transA, transB: gemm.transB)
    }
    let names = (name(of: 1, rw), name(of: 2, rw))
    var inputs: [ValueID?] = [node.inputs[0], node.inputs[1]]
    if factor.contains(where: { $0 != 1 }) {
      inputs[1] = rw.makeConstant(scaled(by: factor), name: names.0)
    }
    if bias != nil || hasSummand {
      let old = bias ?? Array(repeating: 0, count: channelCount)
      let new = (0..<channelCount).map { old[$0] * factor[$0] + summand[$0] }
      let tensor = Tensor(doubles: new, shape: [channelCount], type: weight.type)
      inputs.append(rw.makeConstant(tensor, name: names.1))
    }
    try rw.replace(root, with: op, inputs: inputs, named: node.name)
    for (input, name) in zip(inputs.dropFirst(), [names.0, names.1]) {
      if let input { rw.adopt(name, for: input) }
    }
    return true
  }

  private func name(of input: Int, _ rw: Rewriter) -> String {
    if input < node.inputs.count, let value = node.inputs[input] { return rw.graph[value].name }
    return node.name + ".bias"
  }

  /// The weights with every output channel multiplied by its factor.
  private func scaled(by factor: [Double]) -> Tensor {
    // The weights as [outer, channels, inner]; channels of grouped transposed convolutions are split.
    var outer = 1
    var inner = 1
    var channel: (Int) -> Int = { $0 }
    switch node.op {
    case let transpose as ConvTranspose:
      let perGroup = weight.shape[1]
      let inputsPerGroup = weight.shape[0] / transpose.group
      outer = weight.shape[0] * perGroup
      inner = weight.elementCount / outer
      channel = { $0 / perGroup / inputsPerGroup * perGroup + $0 % perGroup }
    case is Conv:
      inner = weight.elementCount / channelCount
      channel = { $0 }
      outer = channelCount
    case let gemm as Gemm where gemm.transB:
      inner = weight.shape[1]
      outer = channelCount
    default:
      outer = weight.elementCount
      let count = channelCount
      channel = { $0 % count }
    }
    if weight.type == .f32 {
      var values = weight.array(of: Float.self)
      for place in 0..<outer {
        let scale = factor[channel(place)]
        for index in place * inner..<(place + 1) * inner {
          values[index] = Float(Double(values[index]) * scale)
        }
      }
      return Tensor(values, shape: weight.shape)
    }
    var values = weight.doubles
    for place in 0..<outer {
      for index in place * inner..<(place + 1) * inner { values[index] *= factor[channel(place)] }
    }
    return Tensor(doubles: values, shape: weight.shape, type: weight.type)
  }
}
