import IR
import Passes
import Tensors

extension QuantizationSites {
  /// How the constant at a position of a node is quantized: symmetric `i8`, the greatest magnitude of a channel at 127,
  /// or where all of a channel's numbers are multiples of one step, as in models that were quantized before, at the
  /// multiple that it is: then rounding changes nothing.
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
    let steps = tensor.steps(axis: axis, magnitudes: magnitudes)
    let scales = zip(steps, floors).map { QuantizationParameters.scale(max($0, $1)) }
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

  /// How far from a multiple of a step, in steps, a number may be that rounding shall not change: products in single
  /// precision are that inexact, and one that is off by as little by chance is rounded well all the same.
  private static let gridTolerance = 1e-3

  /// For each place along an axis, or for all elements, the finest of the steps `magnitude / n`, `n` of at most 127, that
  /// all elements are multiples of; `magnitude / 127` where there is none.
  ///
  /// - Parameter magnitudes: the greatest magnitude at each place.
  func steps(axis: Int?, magnitudes: [Double]) -> [Double] {
    let length = axis.map { shape[$0] } ?? 1
    let stride = axis.map { shape.rowMajorStrides[$0] } ?? elementCount
    return withSpan(of: Float.self) { elements in
      magnitudes.enumerated().map { channel, magnitude in
        func isGrid(_ step: Double) -> Bool {
          var start = channel * stride
          while start < elements.count {
            for index in start..<start + stride {
              let quotient = Double(elements[index]) / step
              let rest = quotient - quotient.rounded(.toNearestOrEven)
              if rest.magnitude > Self.gridTolerance { return false }
            }
            start += length * stride
          }
          return true
        }
        guard magnitude > 0 else { return 0 }
        let count = (1...127).reversed().first { isGrid(magnitude / Double($0)) }
        return magnitude / Double(count ?? 127)
      }
    }
  }
}
