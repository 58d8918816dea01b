import Tensors

extension Tensor {
  /// A tensor of the same shape whose elements are `function` of this one's.
  ///
  /// - Precondition: the element type is that of the function's input.
  func map<Function: ElementFunction>(_ function: Function) -> Tensor {
    withSpan(of: Function.Input.self) { source in
      Tensor(of: Function.Output.self, shape: shape) { result in
        precondition(source.count == result.count)
        for index in 0..<result.count { result[index] = function(source[index]) }
      }
    }
  }

  /// The same for a function that is written where it is used.
  @inline(__always)
  func map<T: TensorElement, R: TensorElement>(
    _: T.Type, _ transform: (T) -> R
  ) -> Tensor {
    Tensor(array(of: T.self).map(transform), shape: shape)
  }

  /// `function` of every element of a floating-point tensor, or of an integer one by way of double and truncated.
  func mapFloats<Function: FloatFunction>(_ function: Function) -> Tensor {
    switch type {
    case .f32: map(Rounded<Function, Float>(function: function))
    case .f64: map(Rounded<Function, Double>(function: function))
    case .f16: map(Rounded<Function, Float16>(function: function))
    case .bf16: map(Rounded<Function, BFloat16>(function: function))
    default: Tensor(doubles: doubles.map(function.apply), shape: shape, type: type)
    }
  }
}
