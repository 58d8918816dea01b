package import Tensors

/// A value computed for one lane.
///
/// The 16-bit floats are computed with as `f32` and rounded after every operation.
///
/// Programs are written for one lane: inside a `vector` loop every expression stands for as many values as the loop
/// has lanes, and the backend finds out which are the same in all of them. Types are element types; `bool` is a
/// truth value in a register and a byte (0 or 1) in memory.
package indirect enum Expr: Hashable, Sendable {
  /// A constant of a floating-point type.
  case float(Double, ElementType)
  /// A constant of an integer type or `bool`, given by its value (unsigned 64-bit values by their bits).
  case integer(Int64, ElementType)
  /// The value of an index expression as an `i64`.
  case index(IndexExpr)
  /// The element at a position; where `condition` is false nothing is read and `otherwise` is the value.
  case load(Buffer, [IndexExpr])
  case loadIf(Expr, Buffer, [IndexExpr], otherwise: Expr)
  /// An element of a register array; its indices become constants when unrolled loops are expanded.
  case register(Registers, [IndexExpr])
  /// A value named by an enclosing `let`.
  case local(Local)
  case unary(UnaryOp, Expr)
  case binary(BinaryOp, Expr, Expr)
  /// `a * b + c`, rounded once where the target has such an instruction.
  case fma(Expr, Expr, Expr)
  /// A comparison, of type `bool`; floats compare as ordered, except `notEqual`, which is true for NaN.
  case compare(Comparison, Expr, Expr)
  case select(Expr, Expr, Expr)
  /// A change of element type; see `Conversion` for the rounding.
  case convert(Expr, ElementType, Conversion)
  /// An `f32` rounded to the nearest integer, ties to even, plus a zero point, limited to an integer type of 8 or 16
  /// bits; NaN gives its least value.
  case quantize(Expr, zeroPoint: Int, ElementType)
  /// The same bits under a type of the same width.
  case bitcast(Expr, ElementType)
  /// Four `u8` as the bytes of an `i32`, the first one lowest.
  case bytes(Expr, Expr, Expr, Expr)
  /// `c + sum of a[i] * b[i]` over the four bytes of `a` and `b`, exact in 32 bits.
  ///
  /// `a` and `b` are `i32` or `u32` values holding four bytes; signedness says how each byte reads.
  case dot4(a: Expr, aSigned: Bool, b: Expr, bSigned: Bool, c: Expr)
  /// `c + a[1] * b[1] + a[0] * b[0]` over the two bf16 of `a` and `b`, lower half first; `c` is `f32`.
  ///
  /// `a` and `b` are `i32` values. Sums are rounded to `f32`; targets differ in how denormal numbers and the order of
  /// the two products round.
  case dotPairs(Expr, Expr, Expr)
  /// `c + a[0] * b[0] + a[1] * b[1]` over the two signed 16-bit integers of `a` and `b`, modulo 2 to the 32nd.
  ///
  /// `a`, `b` and `c` are `i32` values.
  case dotShorts(Expr, Expr, Expr)
  /// The byte of a table that belongs to a `u8`.
  case lookup(ByteTable, Expr)
  /// All lanes of the enclosing `vector` loop combined, lane 0 first with pairwise halving; the same in every lane.
  case reduceLanes(Reduction, Expr)
}

package enum UnaryOp: String, Hashable, Sendable, CaseIterable {
  /// `round` is to the nearest integer, ties to even.
  case neg, abs, sqrt, floor, ceil, round, trunc, not, popcount, isNaN, isInf
  case exp, log, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, erf,
    sigmoid
}

package enum BinaryOp: String, Hashable, Sendable, CaseIterable {
  case add, sub, mul
  /// IEEE division for floats; truncating toward zero for integers, where a zero divisor gives zero.
  case div
  /// Remainder with the sign of the dividend (C's `%` and `fmod`); a zero integer divisor gives zero.
  case rem
  /// Numeric minimum and maximum that return NaN when either operand is NaN.
  case min, max
  /// A power; of integers it wraps, and a negative exponent gives the quotient rounded toward zero (0 for a base of 0).
  case pow
  case and, or, xor
  /// Shifts; counts not below the width give zero (or the sign).
  case shiftLeft, shiftRight
}

package enum Comparison: String, Hashable, Sendable, CaseIterable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

package enum Reduction: String, Hashable, Sendable, CaseIterable {
  case add, mul, min, max, or, and
}

/// How a conversion treats what does not fit.
package enum Conversion: String, Hashable, Sendable {
  /// C's conversion: floats to integers truncate toward zero (out of range: any value, never a trap), integers wrap,
  /// to narrower floats round to nearest even; to `bool`, different from zero.
  case plain
  /// Floats round half to even and saturate at the integer type's bounds (NaN gives zero); integers saturate.
  case saturating
}

/// An array of values that live in registers: indexed by constants and unrolled loops only.
package struct Registers: Hashable, Sendable {
  package let name: String
  package let element: ElementType
  package let shape: [Int]

  package init(_ name: String, _ element: ElementType, _ shape: [Int] = []) {
    self.name = name
    self.element = element
    self.shape = shape
  }
}

/// A value computed once and used by name.
package struct Local: Hashable, Sendable {
  package let name: String
  package let element: ElementType

  package init(_ name: String, _ element: ElementType) {
    self.name = name
    self.element = element
  }
}

extension Expr {
  /// The element type of the value.
  package var type: ElementType {
    switch self {
    case .float(_, let type), .integer(_, let type), .convert(_, let type, _),
      .bitcast(_, let type), .quantize(_, _, let type):
      type
    case .index: .i64
    case .load(let buffer, _), .loadIf(_, let buffer, _, _): buffer.element
    case .register(let registers, _): registers.element
    case .local(let local): local.element
    case .unary(let op, let a): op == .isNaN || op == .isInf ? .bool : a.type
    case .binary(_, let a, _), .fma(let a, _, _), .select(_, let a, _), .reduceLanes(_, let a):
      a.type
    case .compare: .bool
    case .bytes, .dot4, .dotShorts: .i32
    case .lookup: .u8
    case .dotPairs: .f32
    }
  }
}
