import Tensors

extension Tensor {
  /// The same bytes as elements of another type.
  ///
  /// - Precondition: both take as many bytes.
  func reinterpreted(_ type: ElementType, _ shape: [Int]) -> Tensor {
    Tensor(type: type, shape: shape, storage: storage)
  }
}
