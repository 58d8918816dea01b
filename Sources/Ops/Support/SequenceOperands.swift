import Diagnostics
import IR
import Tensors

extension InferenceContext {
  /// The type of the elements of an input that is a sequence.
  ///
  /// - Throws: `type.not-a-sequence`.
  func sequenceElement(_ index: Int) throws(Diagnostic) -> ValueType {
    guard index < types.count, case .sequence(let element)? = types[index] else {
      let found = index < types.count ? types[index]?.description : nil
      throw Diagnostic(
        "type.not-a-sequence", "input \(index) is \(found ?? "missing"), expected a sequence")
    }
    return element
  }
}

extension ValueType {
  /// The type of one element of a sequence: what is not a number for all gets a symbol of its own.
  func asOneElement(_ fresh: (Int) -> IndexExpr) -> ValueType {
    guard let tensor, let shape = tensor.shape else { return self }
    return .tensor(
      tensor.element,
      shape.enumerated().map { axis, dimension in
        dimension.isConstant ? dimension : fresh(axis)
      })
  }

  /// The type of elements of a sequence of which this is one.
  var asElement: ValueType { asOneElement { Self.openDimension($0) } }

  /// The type of elements that are like these or like `other`.
  ///
  /// - Throws: `type.variable` when they are of different kinds.
  func joinedElements(with other: ValueType) throws(Diagnostic) -> ValueType {
    guard
      case .sequence(let joined)? = ValueType.sequence(self).joined(
        with: .sequence(other), fresh: Self.openDimension)
    else {
      throw Diagnostic(
        "type.variable", "a value is \(other), but the sequence holds \(self)")
    }
    return joined
  }
}

/// Values that reference computations of sequences take.
enum SequenceOperands {
  /// The elements of a sequence.
  ///
  /// - Throws: `type.not-a-sequence`.
  static func elements(_ value: Value?) throws(Diagnostic) -> [Value] {
    guard case .sequence(let elements)? = value else {
      throw Diagnostic(
        "type.not-a-sequence",
        "an input is \(value?.type.description ?? "missing"), expected a sequence")
    }
    return elements
  }

  /// A position counted from the front.
  ///
  /// - Parameter limit: positions from 0 up to and without this exist; negative ones count from the end of `count`.
  /// - Throws: `run.sequence-position`.
  static func position(_ value: Value?, count: Int, limit: Int) throws(Diagnostic) -> Int {
    guard let tensor = value?.tensor, let given = tensor.ints.first, tensor.elementCount == 1
    else {
      throw Diagnostic(
        "run.sequence-position",
        "the position is \(value?.type.description ?? "missing"), expected one integer")
    }
    let position = given < 0 ? given + count : given
    guard (0..<limit).contains(position) else {
      throw Diagnostic(
        "run.sequence-position",
        "position \(given) is not in a sequence of \(count) elements")
    }
    return position
  }
}
