import Loops
import Tensors

/// F(4, 3) of unsigned bytes and signed bytes in integers, exact.
///
/// The points are 0, ±1, ±2 and infinity. Rows of `G` are without their denominators, so transformed weights are whole
/// numbers, and those of 0 and infinity are three times as large, so that all that is left to multiply by are powers of
/// two. Transformed inputs are within 2 * 2 + 8 * 8 bytes, 15 bits, and transformed weights 13 (7 * 7
/// bytes). Products are added modulo 2³², and a square of outputs comes out 576 times as large as it is. Multiplied by the
/// inverse of 9 modulo 2³² it is 64 times as large, of which 32 bits hold every sum of less than 26 bits.
extension WinogradTransform {
  /// The factor of the rows of `G` for 0 and infinity.
  static let integerEdge = 3

  /// What a convolution's sums of products have to be less than, for every filter.
  static let integerLimit = 1 << 25

  /// The type of transformed inputs and weights.
  var operand: ElementType { self == .integerF4 ? .i16 : .f32 }

  /// What their products are added by.
  var arithmetic: TileArithmetic { self == .integerF4 ? .shortPairs : .floats }

  static func integerInput(_ d: [Expr], _ code: inout StraightLine) -> [Expr] {
    let evenOne = code.named(d[4].minus(d[2].times(4)))
    let oddOne = code.named(d[3].minus(d[1].times(4)))
    let evenTwo = code.named(d[4].minus(d[2]))
    let oddTwo = code.named(d[3].minus(d[1]).times(2))
    return [
      code.named(d[0].minus(d[2]).times(4).plus(evenTwo)),
      code.named(d[5].minus(d[3]).minus(oddTwo.times(2))),
      code.named(evenOne.plus(oddOne)), code.named(evenOne.minus(oddOne)),
      code.named(evenTwo.plus(oddTwo)), code.named(evenTwo.minus(oddTwo)),
    ]
  }

  /// 24 times the outputs.
  static func integerOutput(_ m: [Expr], _ code: inout StraightLine) -> [Expr] {
    let s = code.named(m[2].plus(m[3]))
    let t = code.named(m[2].minus(m[3]).times(4))
    let u = code.named(m[4].plus(m[5]))
    let v = code.named(m[4].minus(m[5]))
    return [
      code.named(m[0].times(2).plus(u).minus(s.times(4))),
      code.named(v.times(2).minus(t)),
      code.named(u.minus(s).times(4)),
      code.named(v.plus(m[1]).times(8).minus(t)),
    ]
  }

  /// The sum of products from what the transform of a square gives.
  func sum(_ output: Expr) -> Expr {
    guard self == .integerF4 else { return output }
    return .binary(.shiftRight, output.times(Self.inverseOfNine), .integer(6, .i32))
  }

  /// 9 * 954437177 = 2 * 2³² + 1.
  private static let inverseOfNine = 954_437_177.0
}
