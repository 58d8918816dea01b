import Tensors

/// The constant weights of a convolution, of type f32, and where each of them is.
struct ConvolutionWeights: Sendable {
  let tensor: Tensor
  /// The weight at the first kernel position, for an output channel (of all groups) and an input channel of its group.
  let place: @Sendable (_ output: Int, _ input: Int) -> Int
  /// How far apart weights are along each axis of the kernel.
  let kernelStrides: [Int]

  /// Weights `[output channel, input channel of its group, kernel...]`.
  init(_ tensor: Tensor) {
    let strides = tensor.shape.rowMajorStrides
    self.init(tensor, kernelStrides: Array(strides.dropFirst(2))) { output, input in
      output * strides[0] + input * strides[1]
    }
  }

  init(
    _ tensor: Tensor, kernelStrides: [Int], place: @escaping @Sendable (Int, Int) -> Int
  ) {
    self.tensor = tensor
    self.kernelStrides = kernelStrides
    self.place = place
  }

  /// For every tap of a window along `axes`, in row-major order, how far its weight is from the first one.
  func tapOffsets(_ axes: [ConvolutionAxis]) -> [Int] {
    let window = axes.map(\.tapCount)
    let strides = window.rowMajorStrides
    return (0..<window.elementCount).map { tap in
      axes.indices.reduce(0) { sum, axis in
        let position =
          axes[axis].kernelBase + tap / strides[axis] % window[axis] * axes[axis].kernelStep
        return sum + position * kernelStrides[axis]
      }
    }
  }
}
