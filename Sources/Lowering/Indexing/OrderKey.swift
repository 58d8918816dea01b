import Loops
import Tensors

/// Unsigned integers that order as the values of an element type do; NaN is larger than any number, zeros are equal.
struct OrderKey {
  /// The type of the values.
  let element: ElementType
  let isDescending: Bool

  /// Values of up to 32 bits have keys of 32.
  var type: ElementType { element.bitWidth > 32 ? .u64 : .u32 }
  /// How many digits of `DigitSort.digitBits` a key has.
  var digitCount: Int { type.bitWidth / DigitSort.digitBits }

  /// The key of a value.
  func callAsFunction(_ x: Expr) -> Expr {
    let isWide = type == .u64
    let signed: ElementType = isWide ? .i64 : .i32
    let least: Int64 = isWide ? .min : Int64(Int32.min)
    var key: Expr
    if element.isFloat {
      let number = x.converted(to: isWide ? .f64 : .f32)
      // Adding zero makes a negative zero positive.
      let bits = Expr.bitcast(number.plus(0), signed)
      let greatest = Expr.integer(isWide ? .max : Int64(Int32.max), signed)
      let magnitude = Expr.binary(.and, bits, greatest)
      let ordered = Expr.select(bits.isLess(than: 0), Expr.zero(signed).minus(magnitude), bits)
      key = .select(number.apply(.isNaN), greatest, ordered)
    } else if element == type {
      key = x
    } else {
      key = x.converted(to: signed)
    }
    if key.type == signed {
      key = .bitcast(.binary(.xor, key, .integer(least, signed)), type)
    }
    return isDescending ? .unary(.not, key) : key
  }
}
