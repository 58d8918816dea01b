public import Tensors

/// What an input, an output or an intermediate result is when a graph runs.
public indirect enum Value: Sendable {
  case tensor(Tensor)
  case sequence([Value])
  case optional(Value?)
  case map([(key: Value, value: Value)])

  public var tensor: Tensor? {
    if case .tensor(let tensor) = self { return tensor }
    return nil
  }

  /// The type of this very value, all dimensions numbers.
  public var type: ValueType {
    switch self {
    case .tensor(let tensor): .tensor(tensor.type, tensor.shape.map { IndexExpr($0) })
    case .sequence(let values): .sequence(values.first?.type ?? .tensor(.f32, []))
    case .optional(let value): .optional(value?.type ?? .tensor(.f32, []))
    case .map(let entries):
      .map(
        key: entries.first?.key.tensor?.type ?? .i64,
        value: entries.first?.value.type ?? .tensor(.f32, []))
    }
  }
}
