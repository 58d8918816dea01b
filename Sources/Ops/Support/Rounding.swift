import Tensors

/// The arithmetic of one element that quantization rests on.
enum Rounding {
  /// `x` rounded to the nearest value of a floating-point type, halves to even.
  static func round(_ x: Double, to type: ElementType) -> Double {
    switch type {
    case .f32: Double(Float(x))
    case .f16: Double(Float16(x))
    case .bf16: Double(BFloat16(Float(x)).float)
    default: x
    }
  }

  /// `saturate(round_half_even(x) + zeroPoint)`; NaN gives the zero point.
  static func quantize(_ x: Double, _ zeroPoint: Int, _ range: ClosedRange<Int>) -> Int {
    if x.isNaN { return zeroPoint }
    let rounded = x.rounded(.toNearestOrEven) + Double(zeroPoint)
    if rounded <= Double(range.lowerBound) { return range.lowerBound }
    if rounded >= Double(range.upperBound) { return range.upperBound }
    return Int(rounded)
  }
}
