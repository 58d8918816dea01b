package import Tensors

extension Reduction {
  /// The operation that combines two lanes.
  package var operation: BinaryOp {
    switch self {
    case .add: .add
    case .mul: .mul
    case .min: .min
    case .max: .max
    case .or: .or
    case .and: .and
    }
  }

  /// The value that changes nothing when combined with any other: what lanes that are off count as.
  package func neutral(_ element: ElementType) -> Expr {
    if element.isFloat {
      switch self {
      case .add: return .float(-0.0, element)
      case .mul: return .float(1, element)
      case .min: return .float(.infinity, element)
      case .max: return .float(-.infinity, element)
      case .or, .and: return .float(0, element)
      }
    }
    switch self {
    case .add, .or: return .integer(0, element)
    case .mul: return .integer(1, element)
    case .and: return .integer(element == .bool ? 1 : -1, element)
    case .min: return .integer(element.largest, element)
    case .max: return .integer(element.smallest, element)
    }
  }
}

extension ElementType {
  /// The greatest value of an integer type or `bool`, as the bits of an `Int64`.
  package var largest: Int64 {
    if self == .bool { return 1 }
    if isUnsignedInteger { return bitWidth == 64 ? -1 : (1 << Int64(bitWidth)) - 1 }
    return bitWidth == 64 ? .max : (1 << Int64(bitWidth - 1)) - 1
  }

  /// The least value of an integer type or `bool`.
  package var smallest: Int64 {
    if self == .bool || isUnsignedInteger { return 0 }
    return bitWidth == 64 ? .min : -(1 << Int64(bitWidth - 1))
  }
}
