import Diagnostics
package import IR
import Tensors

/// A layer of bytes less their zero points whose sums of 32 bits become floats by a multiplier.
///
/// Inputs: image or rows, weights, their zero points, the multiplier (input 4), an i32 bias (input 5).
package protocol MultipliedIntegerLayer: Op {}

extension MultipliedIntegerLayer {
  /// `float(bias + sums) * multiplier` for each output channel; sums wrap.
  ///
  /// - Parameters:
  ///   - shape: of the result.
  ///   - channels: how many there are, each with `plane` neighbouring elements.
  /// - Throws: `shape.scale` when multipliers or biases are neither one nor as many as channels.
  func multiplied(
    _ sums: [Int32], shape: [Int], channels: Int, plane: Int = 1, _ inputs: Operands
  ) throws(Diagnostic) -> Tensor {
    let multipliers = inputs[4].array(of: Float.self)
    let bias = inputs.optional(5)?.array(of: Int32.self)
    for count in [multipliers.count] + (bias.map { [$0.count] } ?? [])
    where count != 1 && count != channels {
      throw Diagnostic(
        "shape.scale", "a multiplier or bias has \(count) elements, expected 1 or \(channels)")
    }
    func element<T>(_ values: [T], _ channel: Int) -> T { values[values.count == 1 ? 0 : channel] }
    let y = sums.indices.map { index in
      let channel = index / plane % max(1, channels)
      let total = sums[index] &+ (bias.map { element($0, channel) } ?? 0)
      return Float(total) * element(multipliers, channel)
    }
    return Tensor(y, shape: shape)
  }
}
