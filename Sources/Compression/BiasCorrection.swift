import IR
import Ops
import Passes
import Tensors

/// What rounding adds to a layer's outputs on average, taken off its bias.
///
/// With `E[x]` and `E[q(x)]` the means of an input channel before and after rounding, output channel `c` is shifted by
/// `sum_k q(W)[c, k] E[q(x)_k] - W[c, k] E[x_k]`, which is what its bias gives back. Borders, where padding takes the
/// place of inputs, are not told apart. A channel that is always zero has no shift to correct: nothing is divided here.
///
/// Source: Nagel et al. 2019, arXiv:1906.04721, section 4.2, with means from samples.
struct BiasCorrection {
  let sites: QuantizationSites
  let weights: [ValueID: QuantizationParameters]
  /// How activations are quantized.
  let activations: [ValueID: QuantizationParameters]
  private var means: [ValueID: ChannelMeans] = [:]

  /// Sums per channel, before and after rounding.
  private struct ChannelMeans {
    var exact: [Double]
    var rounded: [Double]
    var count = 0
  }

  init(
    _ sites: QuantizationSites, weights: [ValueID: QuantizationParameters],
    activations: [ValueID: QuantizationParameters]
  ) {
    self.sites = sites
    self.weights = weights
    self.activations = activations
  }

  /// The layers that have a bias to correct, with their input's axis of channels.
  private var layers: [(id: NodeID, input: ValueID, axis: Int)] {
    sites.candidates.compactMap { id in
      let node = sites.graph[id]
      guard QuantizedOperands.bias(of: node, in: sites.graph) != nil,
        let weight = node.inputs[1], weights[weight] != nil,
        let input = node.inputs[0], activations[input] != nil
      else { return nil }
      switch node.op {
      case is Conv: return (id, input, 1)
      case let gemm as Gemm: return gemm.transA ? nil : (id, input, 1)
      default: return nil
      }
    }
  }

  /// Adds one sample.
  ///
  /// - Parameter values: what a run without quantization computed.
  mutating func add(_ values: [ValueID: Value]) {
    var seen: Set<ValueID> = []
    for (_, input, axis) in layers where seen.insert(input).inserted {
      guard let tensor = values[input]?.tensor, let found = activations[input] else { continue }
      let length = tensor.shape[axis]
      var sums =
        means[input]
        ?? ChannelMeans(
          exact: Array(repeating: 0, count: length), rounded: Array(repeating: 0, count: length))
      tensor.addChannelSums(axis: axis, to: &sums.exact)
      found.rounded(tensor).addChannelSums(axis: axis, to: &sums.rounded)
      sums.count += tensor.elementCount / max(length, 1)
      means[input] = sums
    }
  }

  /// What to add to each layer's bias, per output channel.
  var corrections: [NodeID: [Float]] {
    var result: [NodeID: [Float]] = [:]
    for (id, input, _) in layers {
      let node = sites.graph[id]
      guard let sums = means[input], sums.count > 0, let weight = node.inputs[1],
        let tensor = sites.graph.constant(weight), let found = weights[weight]
      else { continue }
      let matrix = Self.rows(of: node, tensor, groupLength: sums.exact.count)
      let roundedMatrix = Self.rows(of: node, found.rounded(tensor), groupLength: sums.exact.count)
      result[id] = zip(matrix, roundedMatrix).map { exact, rounded in
        var shift = 0.0
        for (p, q) in zip(exact, rounded) {
          shift += q.weight * sums.rounded[q.channel] - p.weight * sums.exact[p.channel]
        }
        return Float(-shift / Double(sums.count))
      }
    }
    return result
  }

  /// For every output channel the weights that its sums have, each with the input channel it multiplies.
  private static func rows(
    of node: Node, _ tensor: Tensor, groupLength: Int
  ) -> [[(channel: Int, weight: Double)]] {
    let values = tensor.doubles
    if let gemm = node.op as? Gemm {
      let count = tensor.shape[gemm.transB ? 0 : 1]
      let depth = tensor.shape[gemm.transB ? 1 : 0]
      return (0..<count).map { row in
        (0..<depth).map { ($0, values[gemm.transB ? row * depth + $0 : $0 * count + row]) }
      }
    }
    let filters = tensor.shape[0]
    let perGroup = tensor.shape[1]
    let window = tensor.elementCount / max(filters * perGroup, 1)
    let filtersPerGroup = filters / max(groupLength / max(perGroup, 1), 1)
    return (0..<filters).map { filter in
      let first = filter / max(filtersPerGroup, 1) * perGroup
      let start = filter * perGroup * window
      return (0..<perGroup * window).map { (first + $0 / window, values[start + $0]) }
    }
  }
}

extension Tensor {
  /// Adds the sum over each place along an axis of an `f32` tensor.
  func addChannelSums(axis: Int, to sums: inout [Double]) {
    let length = shape[axis]
    let stride = shape.rowMajorStrides[axis]
    withSpan(of: Float.self) { elements in
      var start = 0
      while start < elements.count {
        for channel in 0..<length {
          var sum: Float = 0
          for index in start..<start + stride { sum += elements[index] }
          sums[channel] += Double(sum)
          start += stride
        }
      }
    }
  }
}
