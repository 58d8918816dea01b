import Loops
import Tensors

/// The one-dimensional transforms of a minimal filtering algorithm F(m, 3): m outputs from m + 2 products.
///
/// An m by m tile of a 3 by 3 convolution is `A^T [(G w G^T) * (B^T d B)] A`, where `d` is the tile's input and `*`
/// the product element by element, summed over input channels: Lavin and Gray 2016, arXiv:1509.09308, section 4. The
/// points of F(4, 3) are 0, ±2/3, ±3/2 and infinity: these round less than the textbook's 0, ±1,
/// ±2 (docs/decisions/0005-winograd.md). Values lie in the order 0, infinity, and then each positive point before its
/// opposite, with which it shares half of the arithmetic.
package enum WinogradTransform: Hashable, Sendable, CaseIterable {
  case f2
  case f4
  /// F(4, 3) of bytes in integers, with the textbook's points: `WinogradTransform+Integers.swift`.
  case integerF4

  /// Outputs of a tile along one axis.
  var outputs: Int { self == .f2 ? 2 : 4 }
  /// Inputs of a tile along one axis, and products.
  var points: Int { outputs + 2 }

  /// Taps of the filters that these algorithms are for.
  static let taps = 3

  /// The points ±2/3 and ±3/2, whose product is 1.
  private static let a = 2.0 / 3.0
  private static let b = 3.0 / 2.0
  private static let a2 = a * a
  private static let b2 = b * b

  /// `B^T d`: `points` values from as many.
  func input(_ d: [Expr], _ code: inout StraightLine) -> [Expr] {
    switch self {
    case .f2:
      return [
        code.named(d[0].minus(d[2])), code.named(d[1].minus(d[3])), code.named(d[1].plus(d[2])),
        code.named(d[2].minus(d[1])),
      ]
    case .f4:
      let sum = -(Self.a2 + Self.b2)
      let e = code.named(Self.fma(-Self.b2, d[2], d[4]))
      let f = code.named(Self.fma(-Self.b2, d[1], d[3]))
      let g = code.named(Self.fma(-Self.a2, d[2], d[4]))
      let h = code.named(Self.fma(-Self.a2, d[1], d[3]))
      return [
        code.named(Self.fma(sum, d[2], d[0].plus(d[4]))),
        code.named(Self.fma(sum, d[3], d[1].plus(d[5]))),
        code.named(Self.fma(Self.a, f, e)), code.named(Self.fma(-Self.a, f, e)),
        code.named(Self.fma(Self.b, h, g)), code.named(Self.fma(-Self.b, h, g)),
      ]
    case .integerF4: return Self.integerInput(d, &code)
    }
  }

  /// `G w`: `points` values from three taps.
  func weights(_ w: [Expr], _ code: inout StraightLine) -> [Expr] {
    var results = edges(w[0], w[2], &code)
    for (point, scale) in pairs {
      let factors = [scale, point * scale, point * point * scale].map {
        Expr.constant($0, w[0].type)
      }
      results += opposite(w, factors, &code)
    }
    return results
  }

  /// The values at 0 and at infinity, from the first and the last tap.
  func edges(_ first: Expr, _ last: Expr, _ code: inout StraightLine) -> [Expr] {
    self == .integerF4
      ? [first, last].map { code.named($0.times(Double(Self.integerEdge))) } : [first, last]
  }

  /// The values at two opposite points, which share what even powers give.
  func opposite(_ w: [Expr], _ factors: [Expr], _ code: inout StraightLine) -> [Expr] {
    let even = code.named(.fma(factors[2], w[2], w[0].times(factors[0])))
    let odd = code.named(w[1].times(factors[1]))
    return [code.named(even.plus(odd)), code.named(even.minus(odd))]
  }

  /// For each pair of points the factors of the positive one: of 0 and infinity none that are used.
  var pairFactors: Tensor {
    var rows: [Double] = [0, 0, 0]
    for (point, scale) in pairs { rows += [scale, point * scale, point * point * scale] }
    let shape = [points / 2, Self.taps]
    return self == .integerF4
      ? Tensor(rows.map { Int16($0) }, shape: shape) : Tensor(rows.map { Float($0) }, shape: shape)
  }

  /// The positive point of each pair of opposite points, and the factor of its rows of `G`.
  private var pairs: [(point: Double, scale: Double)] {
    func scale(_ point: Double, _ other: Double) -> Double {
      1 / (2 * point * point * (point * point - other * other))
    }
    switch self {
    case .f2: return [(1, 0.5)]
    case .f4: return [(Self.a, scale(Self.a, Self.b)), (Self.b, scale(Self.b, Self.a))]
    case .integerF4: return [(1, 1), (2, 1)]
    }
  }

  /// `A^T m`: `outputs` values from `points`.
  func output(_ m: [Expr], _ code: inout StraightLine) -> [Expr] {
    switch self {
    case .f2:
      return [
        code.named(m[0].plus(m[2]).plus(m[3])), code.named(m[2].minus(m[3]).minus(m[1])),
      ]
    case .f4:
      let (a, b) = (Self.a, Self.b)
      let s = code.named(m[2].plus(m[3]))
      let t = code.named(m[2].minus(m[3]))
      let u = code.named(m[4].plus(m[5]))
      let v = code.named(m[4].minus(m[5]))
      return [
        code.named(m[0].plus(s).plus(u)),
        code.named(Self.fma(b, v, t.times(a))),
        code.named(Self.fma(b * b, u, s.times(a * a))),
        code.named(Self.fma(b * b * b, v, t.times(a * a * a)).plus(m[1])),
      ]
    case .integerF4: return Self.integerOutput(m, &code)
    }
  }

  private static func fma(_ factor: Double, _ x: Expr, _ y: Expr) -> Expr {
    .fma(.float(factor, .f32), x, y)
  }
}
