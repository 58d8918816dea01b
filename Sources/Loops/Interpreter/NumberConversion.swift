import Tensors

/// Changes of element type of one value.
enum NumberConversion {
  static func convert(
    _ a: Number, from source: ElementType, to type: ElementType, _ conversion: Conversion
  ) -> Number {
    if source == type { return a }
    if type == .bool { return .truth(source.isFloat ? a.float != 0 : a.integer != 0) }
    if type.isFloat {
      if source.isFloat { return .float(type.rounded(a.float)) }
      return .float(fromInteger(a.integer, isUnsigned: source.isUnsignedInteger, type))
    }
    if source.isFloat {
      return .integer(
        conversion == .plain ? truncated(a.float, type) : rounded(a.float, type))
    }
    return .integer(
      conversion == .plain ? type.wrapped(a.integer) : clamped(a.integer, source, type))
  }

  private static func fromInteger(
    _ value: Int64, isUnsigned: Bool, _ type: ElementType
  ) -> Double {
    if type == .f32 {
      return isUnsigned ? Double(Float(UInt64(bitPattern: value))) : Double(Float(value))
    }
    return type.rounded(isUnsigned ? Double(UInt64(bitPattern: value)) : Double(value))
  }

  /// Toward zero; what does not fit gives zero here, and any value on a machine.
  private static func truncated(_ value: Double, _ type: ElementType) -> Int64 {
    let whole = value.rounded(.towardZero)
    if type == .u64 { return UInt64(exactly: whole).map { Int64(bitPattern: $0) } ?? 0 }
    return type.wrapped(Int64(exactly: whole) ?? 0)
  }

  private static func rounded(_ value: Double, _ type: ElementType) -> Int64 {
    if value.isNaN { return 0 }
    let whole = value.rounded(.toNearestOrEven)
    if type == .u64 {
      if whole <= 0 { return 0 }
      return whole >= 0x1p64 ? -1 : Int64(bitPattern: UInt64(whole))
    }
    if whole >= 0x1p63 { return type.largest }
    if whole < -0x1p63 { return type.smallest }
    return min(max(Int64(whole), type.smallest), type.largest)
  }

  private static func clamped(
    _ value: Int64, _ source: ElementType, _ type: ElementType
  ) -> Int64 {
    if source.isUnsignedInteger || source == .bool {
      let top = UInt64(bitPattern: type.largest)
      return Int64(bitPattern: min(UInt64(bitPattern: value), top))
    }
    if value < type.smallest { return type.smallest }
    if type == .u64 { return value }
    return min(value, type.largest)
  }
}
