public import Tensors

/// What is known of a value before it exists.
public indirect enum ValueType: Hashable, Sendable, CustomStringConvertible {
  case tensor(TensorType)
  case sequence(ValueType)
  case optional(ValueType)
  case map(key: ElementType, value: ValueType)

  /// A tensor type with a known rank.
  public static func tensor(_ element: ElementType, _ shape: [IndexExpr]) -> ValueType {
    .tensor(TensorType(element, shape))
  }

  /// The tensor type, where the value is a tensor.
  public var tensor: TensorType? {
    if case .tensor(let type) = self { return type }
    return nil
  }

  public var description: String {
    switch self {
    case .tensor(let type): type.description
    case .sequence(let type): "seq(\(type))"
    case .optional(let type): "optional(\(type))"
    case .map(let key, let value): "map(\(key), \(value))"
    }
  }
}

/// An element type and a shape whose dimensions are numbers or expressions of symbols.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  public var element: ElementType
  /// Nil when not even the rank is known.
  public var shape: [IndexExpr]?

  public init(_ element: ElementType, _ shape: [IndexExpr]?) {
    self.element = element
    self.shape = shape
  }

  /// The dimensions, when all are numbers.
  public var staticShape: [Int]? {
    guard let shape else { return nil }
    var dimensions: [Int] = []
    for dimension in shape {
      guard let value = dimension.value else { return nil }
      dimensions.append(value)
    }
    return dimensions
  }

  /// Such as `f32[N, 3, 224, 224]`; `f32[?]...` is spelled `f32[*]` when the rank is unknown.
  public var description: String {
    guard let shape else { return "\(element)[*]" }
    return "\(element)[\(shape.map(\.description).joined(separator: ", "))]"
  }
}
