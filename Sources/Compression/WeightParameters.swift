import IR
import Passes
import Tensors

extension QuantizationSites {
  /// How the constant at a position of a node is quantized: symmetric `i8`, the greatest magnitude of a channel at 127.
  ///
  /// The bias is added to the sums in units of `scale_x * scale_w`. A channel whose weights are tiny next to its bias
  /// gets a scale at which the bias fits `i32` with room for the sums; one whose weights are all zero, a scale at which
  /// the bias keeps 24 significant bits.
  ///
  /// - Parameter input: how the activation beside it is quantized, if it is.
  func weightParameters(
    of id: NodeID, position: Int, input: QuantizationParameters?, perTensor: Bool
  ) -> QuantizationParameters? {
    let node = graph[id]
    guard let tensor = graph.constant(node.inputs[position]), tensor.type == .f32 else {
      return nil
    }
    let axis =
      perTensor
      ? nil : QuantizedOperands.channelAxis(of: node, operand: position, rank: tensor.rank)
    let magnitudes = axis.map { tensor.largestMagnitudes(axis: $0) } ?? [tensor.largestMagnitude]
    var floors = Array(repeating: 0.0, count: magnitudes.count)
    if let input, let bias = QuantizedOperands.bias(of: node, in: graph) {
      for (channel, number) in bias.doubles.enumerated() {
        let place = channel % magnitudes.count
        let units = magnitudes[place] > 0 ? 0x1p30 : 0x1p24
        floors[place] = max(floors[place], number.magnitude / (Double(input.scales[0]) * units))
      }
    }
    let scales = zip(magnitudes, floors).map { QuantizationParameters.scale(max($0 / 127, $1)) }
    return QuantizationParameters(
      type: .i8, axis: axis, scales: scales, zeroPoints: Array(repeating: 0, count: scales.count))
  }
}

extension Tensor {
  /// The greatest magnitude of an `f32` tensor's elements.
  var largestMagnitude: Double {
    withSpan(of: Float.self) { elements in
      var largest: Float = 0
      for index in elements.indices { largest = max(largest, elements[index].magnitude) }
      return Double(largest)
    }
  }

  /// The greatest magnitude at each place along an axis of an `f32` tensor.
  func largestMagnitudes(axis: Int) -> [Double] {
    let length = shape[axis]
    let stride = shape.rowMajorStrides[axis]
    return withSpan(of: Float.self) { elements in
      var largest = Array(repeating: Float(0), count: length)
      for index in elements.indices {
        let channel = index / stride % length
        largest[channel] = max(largest[channel], elements[index].magnitude)
      }
      return largest.map(Double.init)
    }
  }
}
