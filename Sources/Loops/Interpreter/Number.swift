import Tensors

/// One value of the interpreter: floats of every type as doubles (exactly), integers and truth values by their value,
/// unsigned 64-bit integers by their bits.
enum Number: Hashable {
  case float(Double)
  case integer(Int64)

  var float: Double {
    switch self {
    case .float(let value): value
    case .integer(let value): Double(value)
    }
  }

  var integer: Int64 {
    switch self {
    case .float: 0
    case .integer(let value): value
    }
  }

  var isTrue: Bool { integer != 0 }

  static func truth(_ value: Bool) -> Number { .integer(value ? 1 : 0) }
  static func zero(_ type: ElementType) -> Number { type.isFloat ? .float(0) : .integer(0) }
}

extension ElementType {
  /// The low bits of an integer as a value of this type.
  func wrapped(_ value: Int64) -> Int64 {
    switch self {
    case .bool: value & 1
    case .i8: Int64(Int8(truncatingIfNeeded: value))
    case .u8: Int64(UInt8(truncatingIfNeeded: value))
    case .i16: Int64(Int16(truncatingIfNeeded: value))
    case .u16: Int64(UInt16(truncatingIfNeeded: value))
    case .i32: Int64(Int32(truncatingIfNeeded: value))
    case .u32: Int64(UInt32(truncatingIfNeeded: value))
    default: value
    }
  }

  /// The value of a floating-point type nearest to a double, ties to even.
  func rounded(_ value: Double) -> Double {
    switch self {
    case .f32: Double(Float(value))
    case .f16: Double(Float16(value))
    case .bf16: Double(BFloat16(nearest: value).float)
    default: value
    }
  }

  /// Whether values of this type can be computed with.
  package var isComputable: Bool {
    switch self {
    case .bool, .f16, .bf16, .f32, .f64: true
    default: isInteger && bitWidth >= 8
    }
  }

  /// The value with these bits, zero-extended.
  func decode(_ bits: UInt64) -> Number {
    switch self {
    case .f32: .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
    case .f64: .float(Double(bitPattern: bits))
    case .f16: .float(Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits))))
    case .bf16: .float(Double(BFloat16(bitPattern: UInt16(truncatingIfNeeded: bits)).float))
    case .bool: .integer(bits != 0 ? 1 : 0)
    default: .integer(wrapped(Int64(bitPattern: bits)))
    }
  }

  /// The bits of a value, zero-extended.
  func encode(_ value: Number) -> UInt64 {
    switch self {
    case .f32: UInt64(Float(value.float).bitPattern)
    case .f64: value.float.bitPattern
    case .f16: UInt64(Float16(value.float).bitPattern)
    case .bf16: UInt64(BFloat16(nearest: value.float).bitPattern)
    default:
      bitWidth == 64
        ? UInt64(bitPattern: value.integer)
        : UInt64(bitPattern: value.integer) & ((1 << UInt64(bitWidth)) - 1)
    }
  }
}
