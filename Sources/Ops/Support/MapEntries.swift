import Diagnostics
import IR
import Tensors

extension InferenceContext {
  /// The element types of the keys and the values of an input that is a map to scalars.
  ///
  /// - Throws: `type.not-a-map`.
  func mapType(_ index: Int) throws(Diagnostic) -> (key: ElementType, value: ElementType) {
    guard index < types.count, case .map(let key, let value)? = types[index],
      let element = value.tensor?.element
    else {
      let found = index < types.count ? types[index]?.description : nil
      throw Diagnostic(
        "type.not-a-map", "input \(index) is \(found ?? "missing"), expected a map to scalars")
    }
    return (key, element)
  }
}

/// The keys and values of a map to scalars, side by side.
struct MapEntries {
  let keys: Tensor
  let values: Tensor

  /// - Throws: `type.not-a-map`.
  init(_ value: Value?) throws(Diagnostic) {
    guard case .map(let entries)? = value else {
      throw Diagnostic(
        "type.not-a-map", "an input is \(value?.type.description ?? "missing"), expected a map")
    }
    let type = value?.type
    guard case .map(let key, let element)? = type, let element = element.tensor?.element else {
      throw Diagnostic("type.not-a-map", "a map's values are no scalars")
    }
    keys = try Self.vector(entries.map(\.key), key)
    values = try Self.vector(entries.map(\.value), element)
  }

  private static func vector(_ scalars: [Value], _ type: ElementType) throws(Diagnostic) -> Tensor {
    var mover = ElementMover(type: type, shape: [scalars.count])
    for (place, scalar) in scalars.enumerated() {
      guard let tensor = scalar.tensor, tensor.type == type, tensor.elementCount == 1 else {
        throw Diagnostic(
          "type.not-a-map", "an entry of a map is \(scalar.type), expected a scalar of \(type)")
      }
      mover.place(from: tensor, [place])
    }
    return mover.finish()
  }

  /// Where the keys of a vocabulary stand in the map; nil for those that it does not hold.
  ///
  /// - Throws: `type.keys` when they are of another type than its keys.
  func places(of vocabulary: Tensor) throws(Diagnostic) -> [Int?] {
    guard keys.elementCount == 0 || keys.type == vocabulary.type else {
      throw Diagnostic("type.keys", "keys are \(keys.type), the vocabulary \(vocabulary.type)")
    }
    if vocabulary.type == .string {
      return ScalarText.places(of: vocabulary.strings, in: keys.strings)
    }
    let numbers = keys.integers ?? []
    let found = Dictionary(zip(numbers, numbers.indices), uniquingKeysWith: { $1 })
    return (vocabulary.integers ?? []).map { found[$0] }
  }
}

extension Tensor {
  /// Each element as a tensor of its own, in order.
  var scalars: [Tensor] {
    (0..<elementCount).map { place in
      var mover = ElementMover(type: type, shape: [])
      mover.pick(from: self, [place])
      return mover.finish()
    }
  }
}
