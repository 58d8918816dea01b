/// The layout of a floating-point format of at most 8 bits.
///
/// Source: ONNX 1.19, "Float stored in 8 bits"; OCP 8-bit Floating Point Specification 1.0; OCP Microscaling Formats 1.0.
struct SmallFloat {
  let exponentBits: Int
  let fractionBits: Int
  let bias: Int
  /// Codes that are NaN, by their magnitude bits; `unsigned` formats have no sign bit.
  let isNaN: (UInt8) -> Bool
  let infinity: UInt8?
  let largest: UInt8
  let hasSign: Bool
  let nan: UInt8?

  static func format(of type: ElementType) -> SmallFloat? {
    switch type {
    case .f8e4m3fn:
      SmallFloat(
        exponentBits: 4, fractionBits: 3, bias: 7, isNaN: { $0 & 0x7f == 0x7f }, infinity: nil,
        largest: 0x7e, hasSign: true, nan: 0x7f)
    case .f8e4m3fnuz:
      SmallFloat(
        exponentBits: 4, fractionBits: 3, bias: 8, isNaN: { $0 == 0x80 }, infinity: nil,
        largest: 0x7f, hasSign: true, nan: 0x80)
    case .f8e5m2:
      SmallFloat(
        exponentBits: 5, fractionBits: 2, bias: 15, isNaN: { $0 & 0x7f > 0x7c }, infinity: 0x7c,
        largest: 0x7b, hasSign: true, nan: 0x7f)
    case .f8e5m2fnuz:
      SmallFloat(
        exponentBits: 5, fractionBits: 2, bias: 16, isNaN: { $0 == 0x80 }, infinity: nil,
        largest: 0x7f, hasSign: true, nan: 0x80)
    case .f4e2m1:
      SmallFloat(
        exponentBits: 2, fractionBits: 1, bias: 1, isNaN: { _ in false }, infinity: nil,
        largest: 0x7, hasSign: true, nan: nil)
    default: nil
    }
  }

  private var signShift: Int { exponentBits + fractionBits }

  func decode(_ code: UInt8) -> Double {
    if isNaN(code) { return .nan }
    let magnitude = Int(code) & ((1 << signShift) - 1)
    let negative = hasSign && Int(code) >> signShift & 1 == 1
    let value = magnitudeValue(magnitude)
    return negative ? -value : value
  }

  private func magnitudeValue(_ magnitude: Int) -> Double {
    if let infinity, magnitude == Int(infinity) { return .infinity }
    let exponent = magnitude >> fractionBits
    let fraction = Double(magnitude & ((1 << fractionBits) - 1)) / Double(1 << fractionBits)
    return exponent == 0
      ? fraction * power(1 - bias) : (1 + fraction) * power(exponent - bias)
  }

  private func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// The nearest code, ties to even; what lies beyond the largest value saturates or becomes infinity or NaN.
  func encode(_ value: Double, saturating: Bool) -> UInt8 {
    if value.isNaN { return nan ?? 0 }
    let negative = value.sign == .minus
    let sign: UInt8 = negative && hasSign ? 1 << UInt8(signShift) : 0
    let target = value.magnitude
    let limit = magnitudeValue(Int(largest))
    var low = 0
    var high = Int(largest)
    while low < high {
      let middle = (low + high + 1) / 2
      if magnitudeValue(middle) <= target { low = middle } else { high = middle - 1 }
    }
    var code = low
    if low < Int(largest) {
      let below = magnitudeValue(low)
      let above = magnitudeValue(low + 1)
      let up = above - target
      let down = target - below
      if up < down || (up == down && low & 1 == 1) { code = low + 1 }
    } else if !saturating {
      // The first value that would round beyond the largest finite one.
      let step = limit - magnitudeValue(Int(largest) - 1)
      let tiesUp = largest & 1 == 1
      if target > limit + step / 2 || (target == limit + step / 2 && tiesUp) {
        if let infinity { return infinity | sign }
        return nan.map { $0 == 0x80 ? $0 : $0 | sign } ?? (largest | sign)
      }
    }
    // Formats without a negative zero use its code for NaN.
    if code == 0, nan == 0x80 { return 0 }
    return UInt8(code) | sign
  }
}

extension Tensor {
  /// The elements of an 8-bit or 4-bit floating-point tensor.
  var unpackedSmallFloats: [Double] {
    if type == .f8e8m0 {
      return codes.map {
        $0 == 0xff ? .nan : Double(sign: .plus, exponent: Int($0) - 127, significand: 1)
      }
    }
    guard let format = SmallFloat.format(of: type) else { return [] }
    return codes.map(format.decode)
  }

  /// Rounds to an 8-bit or 4-bit floating-point type, saturating what is finite.
  init(packingSmallFloats values: [Double], shape: [Int], type: ElementType) {
    self.init(smallFloats: values, shape: shape, type: type, saturating: true)
  }

  /// Rounds to an 8-bit or 4-bit floating-point type; without saturation what overflows is infinite or NaN.
  public init(smallFloats values: [Double], shape: [Int], type: ElementType, saturating: Bool) {
    guard let format = SmallFloat.format(of: type) else {
      let codes = values.map { value -> UInt8 in
        guard value.isFinite, value > 0 else { return value == 0 ? 0 : 0xff }
        let up = value.significand >= 1.5 ? 1 : 0
        return UInt8(clamping: Int(value.exponent) + up + 127)
      }
      self.init(codes: codes, shape: shape, type: type)
      return
    }
    let codes = values.map { value in
      value.isInfinite && saturating
        ? format.encode(value.sign == .minus ? -1e300 : 1e300, saturating: true)
        : format.encode(value, saturating: saturating)
    }
    self.init(codes: codes, shape: shape, type: type)
  }
}
