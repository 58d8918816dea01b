/// A Swift type that is stored in tensors of one element type, byte for byte as ONNX lays it out.
public protocol TensorElement: BitwiseCopyable, Sendable, Equatable {
  static var elementType: ElementType { get }
}

extension Float: TensorElement { public static var elementType: ElementType { .f32 } }
extension Double: TensorElement { public static var elementType: ElementType { .f64 } }
extension Float16: TensorElement { public static var elementType: ElementType { .f16 } }
extension Int8: TensorElement { public static var elementType: ElementType { .i8 } }
extension Int16: TensorElement { public static var elementType: ElementType { .i16 } }
extension Int32: TensorElement { public static var elementType: ElementType { .i32 } }
extension Int64: TensorElement { public static var elementType: ElementType { .i64 } }
extension UInt8: TensorElement { public static var elementType: ElementType { .u8 } }
extension UInt16: TensorElement { public static var elementType: ElementType { .u16 } }
extension UInt32: TensorElement { public static var elementType: ElementType { .u32 } }
extension UInt64: TensorElement { public static var elementType: ElementType { .u64 } }
extension Bool: TensorElement { public static var elementType: ElementType { .bool } }
extension BFloat16: TensorElement { public static var elementType: ElementType { .bf16 } }

/// The upper half of an IEEE single: 8 exponent bits, 7 stored significand bits.
@frozen
public struct BFloat16: Hashable, Sendable, BitwiseCopyable {
  public var bitPattern: UInt16

  @inlinable public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest value, ties to even; NaN stays a (quiet) NaN.
  @inlinable public init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
    } else {
      let rounded = bits &+ 0x7fff &+ ((bits >> 16) & 1)
      bitPattern = UInt16(truncatingIfNeeded: rounded >> 16)
    }
  }

  @inlinable public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
