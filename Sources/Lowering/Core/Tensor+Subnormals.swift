import Tensors

extension Tensor {
  /// The same numbers with zeros where `f32` elements are smaller than its least normal number, 2^-126.
  ///
  /// Multiplying by a subnormal number takes processors more than a hundred cycles, and trained weights that decayed hold
  /// many; a product with one is below 2^-126 times its other factor.
  var withoutSubnormals: Tensor {
    guard type == .f32, hasSubnormals else { return self }
    return Tensor(
      array(of: Float.self).map { $0.isSubnormal ? 0 : $0 }, shape: shape)
  }

  private var hasSubnormals: Bool {
    withSpan(of: Float.self) { values in
      var found: UInt32 = 0
      for index in values.indices {
        // Zero wraps around to the largest number.
        let magnitude = values[index].bitPattern & 0x7fff_ffff
        found |= (magnitude &- 1) < 0x7f_ffff ? 1 : 0
      }
      return found != 0
    }
  }
}
