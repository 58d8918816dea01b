package import Tensors

extension BFloat16 {
  /// The value nearest to a double, ties to even, rounded once.
  package init(nearest number: Double) {
    let near = Float(number)
    guard number.isFinite, near.isFinite, Double(near) != number else {
      self.init(near)
      return
    }
    // Toward zero with a sticky last bit, so that the second rounding decides alone.
    let low = Double(near.magnitude) > number.magnitude ? near.bitPattern - 1 : near.bitPattern
    self.init(Float(bitPattern: low | 1))
  }
}
