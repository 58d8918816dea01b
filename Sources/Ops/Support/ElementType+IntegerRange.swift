import Tensors

extension ElementType {
  /// The values of an integer or boolean type; those of all 64-bit types are taken to be signed.
  package var integerRange: ClosedRange<Int> {
    if self == .bool { return 0...1 }
    if bitWidth >= 64 { return Int.min...Int.max }
    return isSignedInteger
      ? -(1 << (bitWidth - 1))...((1 << (bitWidth - 1)) - 1) : 0...((1 << bitWidth) - 1)
  }
}
