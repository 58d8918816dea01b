import Ops
import Tensors

/// What transposed convolutions of bytes have to be for kernels to compute them.
enum TransposedLayer {
  /// Why one stays in floats; nil where it does not.
  ///
  /// - Parameters:
  ///   - weights: `[C, M / group, k1...kn]`, bytes.
  ///   - parameters: theirs, along no axis or along axis 1.
  static func fault(
    _ op: ConvTranspose, _ weights: Tensor, _ parameters: QuantizationParameters
  ) -> String? {
    guard weights.rank >= 3, weights.elementCount > 0 else { return "its weights are empty" }
    let spatial = Array(weights.shape.dropFirst(2))
    let strides = op.window.strides ?? Array(repeating: 1, count: spatial.count)
    let dilations = op.window.dilations ?? Array(repeating: 1, count: spatial.count)
    guard dilations.allSatisfy({ $0 == 1 }) || strides.allSatisfy({ $0 == 1 }),
      zip(spatial, strides).allSatisfy({ $0 >= $1 })
    else { return "its kernel \(spatial) meets no input for some outputs of strides \(strides)" }
    let taps = spatial.elementCount
    let values = weights.integers ?? []
    let fits = values.indices.allSatisfy { index in
      let points = parameters.zeroPoints
      let channel = points.count == 1 ? 0 : index / taps % weights.shape[1]
      return (-128...127).contains(values[index] - points[channel])
    }
    return fits ? nil : "its weights less their zero points have more than 8 bits"
  }
}
