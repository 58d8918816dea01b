package import Tensors

extension QuantizationParameters {
  /// Adding and subtracting it rounds a number below 2^22 to the nearest integer, halves to even; it vectorizes.
  private static let rounder: Float = 0x1.8p23

  /// The tensor as it is after quantizing and dequantizing it.
  ///
  /// - Precondition: the tensor is `f32`, and as long along the axis as there are scales.
  package func rounded(_ tensor: Tensor) -> Tensor {
    apply(tensor, of: Float.self) { quotient, scale, _ in quotient * scale }
  }

  /// The tensor's integers.
  ///
  /// - Precondition: as for `rounded`.
  package func quantized(_ tensor: Tensor) -> Tensor {
    switch type {
    case .u8: apply(tensor, of: UInt8.self) { UInt8(Int($0) + $2) }
    case .i16: apply(tensor, of: Int16.self) { Int16(Int($0) + $2) }
    default: apply(tensor, of: Int8.self) { Int8(Int($0) + $2) }
    }
  }

  /// Calls `finish` with every clamped and rounded quotient (before the zero point is added), its scale and zero point.
  @inline(__always)
  private func apply<T: TensorElement>(
    _ tensor: Tensor, of: T.Type, _ finish: (Float, Float, Int) -> T
  ) -> Tensor {
    let place = axis.map { $0 < 0 ? $0 + tensor.rank : $0 }
    let inner = place.map { tensor.shape[($0 + 1)...].reduce(1, *) } ?? tensor.elementCount
    return tensor.withSpan(of: Float.self) { source in
      Tensor(of: T.self, shape: tensor.shape) { result in
        var start = 0
        var channel = 0
        while start < source.count {
          let scale = scales[channel]
          let zero = zeroPoints[channel]
          let low = Float(integers.lowerBound - zero)
          let high = Float(integers.upperBound - zero)
          for index in start..<start + inner {
            let quotient = min(max(source[index] / scale, low), high)
            let whole = (quotient + Self.rounder) - Self.rounder
            result[index] = finish(whole, scale, zero)
          }
          start += inner
          channel = channel + 1 == scales.count ? 0 : channel + 1
        }
      }
    }
  }
}
