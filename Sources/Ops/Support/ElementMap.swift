import Tensors

/// Types whose elements are integers of a fixed width.
typealias IntegerElement = FixedWidthInteger & TensorElement

extension Tensor {
  /// A tensor of the same shape whose elements are `transform` of this one's.
  ///
  /// Inlined into every caller, so that each operator gets its own loop over contiguous elements.
  ///
  /// - Precondition: the element type is that of `T`.
  @inline(__always)
  func map<T: TensorElement, R: TensorElement>(
    _: T.Type, _ transform: (T) -> R
  ) -> Tensor {
    withSpan(of: T.self) { source in
      Tensor(of: R.self, shape: shape) { result in
        precondition(source.count == result.count)
        for index in 0..<result.count { result[index] = transform(source[index]) }
      }
    }
  }

  /// `transform` of every element of a floating-point tensor, computed in double and rounded once.
  @inline(__always)
  func mapFloats(_ transform: (Double) -> Double) -> Tensor {
    switch type {
    case .f32: map(Float.self) { Float(transform(Double($0))) }
    case .f64: map(Double.self) { transform($0) }
    case .f16: map(Float16.self) { Float16(transform(Double($0))) }
    case .bf16: map(BFloat16.self) { BFloat16(Float(transform(Double($0.float)))) }
    default: Tensor(doubles: doubles.map(transform), shape: shape, type: type)
    }
  }
}
