package import Tensors

extension ValueType {
  /// The most precise type of values that have one of two types; nil when there is none.
  ///
  /// - Parameters:
  ///   - isKept: whether a dimension that both types have means the same for both.
  ///   - fresh: the dimension of an axis where they differ.
  package func joined(
    with other: ValueType, isKept: (IndexExpr) -> Bool = { _ in true },
    fresh: (Int) -> IndexExpr
  ) -> ValueType? {
    switch (self, other) {
    case (.tensor(let a), .tensor(let b)):
      guard a.element == b.element else { return nil }
      guard let p = a.shape, let q = b.shape, p.count == q.count else {
        return .tensor(TensorType(a.element, nil))
      }
      let shape = zip(p, q).enumerated().map { axis, pair in
        pair.0 == pair.1 && isKept(pair.0) ? pair.0 : fresh(axis)
      }
      return .tensor(a.element, shape)
    case (.sequence(let a), .sequence(let b)):
      return a.joinedElement(with: b).map { .sequence($0) }
    case (.optional(let a), .optional(let b)), (.optional(let a), let b), (let a, .optional(let b)):
      return a.joinedElement(with: b).map { .optional($0) }
    case (.map(let key, let a), .map(let otherKey, let b)):
      guard key == otherKey else { return nil }
      return a.joinedElement(with: b).map { .map(key: key, value: $0) }
    default: return nil
    }
  }

  /// Elements of sequences differ from each other: a dimension that is not one number for all is open.
  private func joinedElement(with other: ValueType) -> ValueType? {
    joined(with: other, isKept: \.isConstant) { Self.openDimension($0) }
  }

  /// A dimension of which nothing is known inside a sequence; it stands for other numbers in other elements.
  package static func openDimension(_ axis: Int) -> IndexExpr { .symbol("element.\(axis)") }

  /// Whether a value of type `other` may stand where this one is expected.
  package func accepts(_ other: ValueType) -> Bool {
    if isCompatible(with: other) { return true }
    guard case .optional(let element) = self else { return false }
    return element.isCompatible(with: other)
  }
}
