/// The type of a tensor's elements; raw values are those of ONNX `TensorProto.DataType`.
public enum ElementType: Int32, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case f32 = 1
  case u8 = 2
  case i8 = 3
  case u16 = 4
  case i16 = 5
  case i32 = 6
  case i64 = 7
  case string = 8
  case bool = 9
  case f16 = 10
  case f64 = 11
  case u32 = 12
  case u64 = 13
  case c64 = 14
  case c128 = 15
  case bf16 = 16
  case f8e4m3fn = 17
  case f8e4m3fnuz = 18
  case f8e5m2 = 19
  case f8e5m2fnuz = 20
  case u4 = 21
  case i4 = 22
  case f4e2m1 = 23
  case f8e8m0 = 24
  case u2 = 25
  case i2 = 26

  /// The textual IR's spelling, such as `f32`.
  public var description: String {
    switch self {
    case .f32: "f32"
    case .u8: "u8"
    case .i8: "i8"
    case .u16: "u16"
    case .i16: "i16"
    case .i32: "i32"
    case .i64: "i64"
    case .string: "string"
    case .bool: "bool"
    case .f16: "f16"
    case .f64: "f64"
    case .u32: "u32"
    case .u64: "u64"
    case .c64: "c64"
    case .c128: "c128"
    case .bf16: "bf16"
    case .f8e4m3fn: "f8e4m3fn"
    case .f8e4m3fnuz: "f8e4m3fnuz"
    case .f8e5m2: "f8e5m2"
    case .f8e5m2fnuz: "f8e5m2fnuz"
    case .u4: "u4"
    case .i4: "i4"
    case .f4e2m1: "f4e2m1"
    case .f8e8m0: "f8e8m0"
    case .u2: "u2"
    case .i2: "i2"
    }
  }

  /// Bits of one element; zero for strings, whose elements are not stored in place.
  public var bitWidth: Int {
    switch self {
    case .string: 0
    case .u2, .i2: 2
    case .u4, .i4, .f4e2m1: 4
    case .u8, .i8, .bool, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0: 8
    case .u16, .i16, .f16, .bf16: 16
    case .f32, .i32, .u32: 32
    case .f64, .i64, .u64, .c64: 64
    case .c128: 128
    }
  }

  /// Bytes that `count` elements take; sub-byte elements are packed, lowest bits first.
  public func byteCount(of count: Int) -> Int {
    (count * bitWidth + 7) / 8
  }

  public var isFloat: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64: true
    default: isSmallFloat
    }
  }

  /// The 8-bit and 4-bit floating-point formats.
  public var isSmallFloat: Bool {
    switch self {
    case .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f4e2m1, .f8e8m0: true
    default: false
    }
  }

  public var isSignedInteger: Bool {
    switch self {
    case .i2, .i4, .i8, .i16, .i32, .i64: true
    default: false
    }
  }

  public var isUnsignedInteger: Bool {
    switch self {
    case .u2, .u4, .u8, .u16, .u32, .u64: true
    default: false
    }
  }

  public var isInteger: Bool { isSignedInteger || isUnsignedInteger }
  public var isComplex: Bool { self == .c64 || self == .c128 }

  /// The type that the textual IR spells `name`.
  public init?(name: String) {
    guard let type = ElementType.allCases.first(where: { $0.description == name }) else {
      return nil
    }
    self = type
  }
}
