import Glibc
import Tensors

/// What every operation of the loop IR means for one value.
enum NumberArithmetic {
  static func unary(_ op: UnaryOp, _ type: ElementType, _ a: Number) -> Number {
    guard type.isFloat else { return integerUnary(op, type, a.integer) }
    let x = a.float
    switch op {
    case .isNaN: return .truth(x.isNaN)
    case .isInf: return .truth(x.isInfinite)
    default: return .float(type.rounded(middle(type).rounded(floatUnary(op, x))))
    }
  }

  private static func integerUnary(_ op: UnaryOp, _ type: ElementType, _ x: Int64) -> Number {
    switch op {
    case .neg: .integer(type.wrapped(0 &- x))
    case .abs: .integer(type.isSignedInteger && x < 0 ? type.wrapped(0 &- x) : x)
    case .not: .integer(type.wrapped(~x))
    case .popcount:
      .integer(Int64((type.encode(.integer(x))).nonzeroBitCount))
    default: .integer(x)
    }
  }

  /// In double precision; the caller rounds.
  private static func floatUnary(_ op: UnaryOp, _ x: Double) -> Double {
    switch op {
    case .neg: -x
    case .abs: x.magnitude
    case .sqrt: x.squareRoot()
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .trunc: x.rounded(.towardZero)
    case .exp: exp(x)
    case .log: log(x)
    case .sin: sin(x)
    case .cos: cos(x)
    case .tan: tan(x)
    case .asin: asin(x)
    case .acos: acos(x)
    case .atan: atan(x)
    case .sinh: sinh(x)
    case .cosh: cosh(x)
    case .tanh: tanh(x)
    case .asinh: asinh(x)
    case .acosh: acosh(x)
    case .atanh: atanh(x)
    case .erf: erf(x)
    case .sigmoid: x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
    case .not, .popcount, .isNaN, .isInf: x
    }
  }

  static func binary(_ op: BinaryOp, _ type: ElementType, _ a: Number, _ b: Number) -> Number {
    guard type.isFloat else {
      return .integer(integerBinary(op, type, a.integer, b.integer))
    }
    let (x, y) = (a.float, b.float)
    return .float(type.rounded(middle(type).rounded(floatBinary(op, x, y))))
  }

  /// What the 16-bit floats are computed in.
  ///
  /// Sums, products, quotients and square roots of `f32` values come out
  /// right from double precision: 53 bits are enough for rounding twice to be rounding once.
  private static func middle(_ type: ElementType) -> ElementType { type == .f64 ? .f64 : .f32 }

  private static func floatBinary(_ op: BinaryOp, _ x: Double, _ y: Double) -> Double {
    switch op {
    case .add: x + y
    case .sub: x - y
    case .mul: x * y
    case .div: x / y
    case .rem: fmod(x, y)
    case .min: x.isNaN || y.isNaN ? .nan : y < x ? y : x
    case .max: x.isNaN || y.isNaN ? .nan : y > x ? y : x
    case .pow: pow(x, y)
    case .and, .or, .xor, .shiftLeft, .shiftRight: x
    }
  }

  private static func integerBinary(
    _ op: BinaryOp, _ type: ElementType, _ x: Int64, _ y: Int64
  ) -> Int64 {
    let isSigned = type.isSignedInteger
    let (ux, uy) = (UInt64(bitPattern: x), UInt64(bitPattern: y))
    switch op {
    case .add: return type == .bool ? x | y : type.wrapped(x &+ y)
    case .sub: return type.wrapped(x &- y)
    case .mul: return type.wrapped(x &* y)
    case .div:
      if y == 0 { return 0 }
      return isSigned
        ? type.wrapped(x.dividedReportingOverflow(by: y).partialValue) : Int64(bitPattern: ux / uy)
    case .rem:
      if y == 0 || (isSigned && y == -1) { return 0 }
      return isSigned ? x % y : Int64(bitPattern: ux % uy)
    case .min: return (isSigned ? x < y : ux < uy) ? x : y
    case .max: return (isSigned ? x > y : ux > uy) ? x : y
    case .and: return x & y
    case .or: return x | y
    case .xor: return x ^ y
    case .shiftLeft:
      return inside(type, y) ? type.wrapped(x << y) : 0
    case .shiftRight:
      if isSigned { return x >> (inside(type, y) ? y : 63) }
      return inside(type, y) ? Int64(bitPattern: ux >> uy) : 0
    case .pow: return power(type, x, y)
    }
  }

  private static func power(_ type: ElementType, _ base: Int64, _ exponent: Int64) -> Int64 {
    if type.isSignedInteger, exponent < 0 {
      guard base == 1 || base == -1 else { return 0 }
      return base == 1 || exponent % 2 == 0 ? 1 : -1
    }
    var (result, factor) = (Int64(1), base)
    var rest = UInt64(bitPattern: exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result &* factor }
      factor = factor &* factor
      rest >>= 1
    }
    return type.wrapped(result)
  }

  private static func inside(_ type: ElementType, _ count: Int64) -> Bool {
    type.encode(.integer(count)) < UInt64(type == .bool ? 1 : type.bitWidth)
  }

  static func fma(_ type: ElementType, _ a: Number, _ b: Number, _ c: Number) -> Number {
    switch type {
    case .f64: return .float(c.float.addingProduct(a.float, b.float))
    case .f32, .f16, .bf16:
      let sum = Float(c.float).addingProduct(Float(a.float), Float(b.float))
      return .float(type.rounded(Double(sum)))
    default:
      return .integer(type.wrapped(a.integer &* b.integer &+ c.integer))
    }
  }

  static func compare(
    _ comparison: Comparison, _ type: ElementType, _ a: Number, _ b: Number
  ) -> Bool {
    if type.isFloat { return holds(comparison, a.float, b.float) }
    if type.isSignedInteger { return holds(comparison, a.integer, b.integer) }
    return holds(
      comparison, UInt64(bitPattern: a.integer), UInt64(bitPattern: b.integer))
  }

  private static func holds<T: Comparable>(_ comparison: Comparison, _ x: T, _ y: T) -> Bool {
    switch comparison {
    case .equal: x == y
    case .notEqual: x != y
    case .less: x < y
    case .lessOrEqual: x <= y
    case .greater: x > y
    case .greaterOrEqual: x >= y
    }
  }

  /// Rounded to even, moved by the zero point, and limited to the type; NaN gives its least value.
  static func quantize(_ x: Double, _ zeroPoint: Int, _ type: ElementType) -> Number {
    let (least, most) = (Double(type.smallest), Double(type.largest))
    let moved = x.rounded(.toNearestOrEven) + Double(zeroPoint)
    return .integer(x.isNaN ? type.smallest : Int64(max(least, min(most, moved))))
  }

  /// `c` plus the products of the two bf16 in each word, the upper first, rounded after each.
  static func dotPairs(_ a: Int64, _ b: Int64, _ c: Number) -> Number {
    func half(_ word: Int64, _ number: Int) -> Double {
      let bits = UInt32(truncatingIfNeeded: word >> Int64(16 * number)) << 16
      return Double(Float(bitPattern: bits))
    }
    let upper = Float(c.float + half(a, 1) * half(b, 1))
    return .float(Double(Float(Double(upper) + half(a, 0) * half(b, 0))))
  }

  /// `c` plus the products of the two 16-bit integers in each word, modulo 2 to the 32nd.
  static func dotShorts(_ a: Int64, _ b: Int64, _ c: Int64) -> Number {
    func half(_ word: Int64, _ number: Int) -> Int64 {
      Int64(Int16(truncatingIfNeeded: word >> Int64(16 * number)))
    }
    let sum = c &+ half(a, 0) * half(b, 0) &+ half(a, 1) * half(b, 1)
    return .integer(ElementType.i32.wrapped(sum))
  }

  /// `c` plus the products of the four bytes, exact in 32 bits.
  static func dot4(
    _ a: Int64, _ aSigned: Bool, _ b: Int64, _ bSigned: Bool, _ c: Int64
  ) -> Number {
    func byte(_ word: Int64, _ number: Int, _ isSigned: Bool) -> Int64 {
      let bits = UInt8(truncatingIfNeeded: word >> Int64(8 * number))
      return isSigned ? Int64(Int8(bitPattern: bits)) : Int64(bits)
    }
    var sum = c
    for number in 0..<4 { sum &+= byte(a, number, aSigned) * byte(b, number, bSigned) }
    return .integer(ElementType.i32.wrapped(sum))
  }
}
