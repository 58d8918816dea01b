import Loops
package import Tensors

/// What a register tile multiplies and adds in one step.
package enum TileArithmetic: Hashable, Sendable {
  /// One `f32` product.
  case floats
  /// Two products of bf16.
  case bfloatPairs
  /// Two products of signed 16-bit integers, modulo 2 to the 32nd.
  case shortPairs
  /// Four products of an unsigned with a signed byte, exact in 32 bits.
  case byteQuads

  /// Channels that are multiplied in one step.
  package var terms: Int {
    switch self {
    case .floats: 1
    case .bfloatPairs, .shortPairs: 2
    case .byteQuads: 4
    }
  }

  /// The type of the inputs and weights of one step.
  package var operand: ElementType { self == .floats ? .f32 : .i32 }

  /// The type of the sums.
  package var sum: ElementType { self == .byteQuads || self == .shortPairs ? .i32 : .f32 }

  /// Bytes of one channel of inputs or weights.
  var byteCount: Int { 4 / terms }

  /// `sum` and the products of one step.
  func add(weight: Expr, input: Expr, to sum: Expr) -> Expr {
    switch self {
    case .floats: .fma(weight, input, sum)
    case .bfloatPairs: .dotPairs(weight, input, sum)
    case .shortPairs: .dotShorts(weight, input, sum)
    case .byteQuads: .dot4(a: input, aSigned: false, b: weight, bSigned: true, c: sum)
    }
  }
}

extension TileArithmetic: CustomStringConvertible {
  /// The types of inputs and weights, as names of kernels have them.
  package var description: String {
    switch self {
    case .floats: "f32"
    case .bfloatPairs: "bf16f32"
    case .shortPairs: "s16s16"
    case .byteQuads: "u8s8"
    }
  }
}
