import IR
import Tensors

extension MessageBuilder {
  /// Fills a `TypeProto`.
  func encode(_ type: ValueType) {
    switch type {
    case .tensor(let tensor):
      let message = add(1)
      message.add(1, Int(tensor.element.rawValue))
      guard let shape = tensor.shape else { return }
      let dimensions = message.add(2)
      for dimension in shape {
        let entry = dimensions.add(1)
        if let value = dimension.value {
          entry.add(1, value)
        } else {
          entry.add(2, dimension.description)
        }
      }
    case .sequence(let element): add(4).add(1).encode(element)
    case .map(let key, let value):
      let message = add(5)
      message.add(1, Int(key.rawValue))
      message.add(2).encode(value)
    case .optional(let element): add(9).add(1).encode(element)
    }
  }
}
