package import Diagnostics
package import IR
import Tensors

/// A sequence of the parts of a tensor along one axis.
///
/// - Inputs: `input`; `split`, optional, `i32` or `i64`: the sizes of the parts, or one size for all but a smaller last one; 1
///   by default. Output: `output_sequence`.
/// - Attributes: `axis`, 0 by default; `keepdims`, 1 by default: whether parts without `split` keep the axis.
/// - Errors: `attribute.axis`, `shape.split`.
/// - Source: ONNX SplitToSequence-24 (versions 11, 24).
package struct SplitToSequence: Op {
  package static let schema = OpSchema(
    "SplitToSequence", versions: [11, 24],
    inputs: [.required("input", "T"), .optional("split", "I")],
    outputs: [.required("output_sequence", "")], types: ["T": .all, "I": .indices])

  package let axis: Int
  package let keepsAxis: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: 0)
    keepsAxis = try attributes.flag("keepdims", default: true)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: 0)
      $0.flag("keepdims", keepsAxis, default: true)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    guard var shape = input.shape else {
      return [.sequence(.tensor(TensorType(input.element, nil)))]
    }
    let place = try Axes.one(axis, rank: shape.count)
    if !context.hasInput(1) {
      if keepsAxis { shape[place] = 1 } else { shape.remove(at: place) }
    } else if let sizes = context.integers(1), let first = sizes.first,
      sizes.allSatisfy({ $0 == first }), sizes.count > 1 || divides(first, shape[place])
    {
      shape[place] = IndexExpr(first)
    } else {
      shape[place] = ValueType.openDimension(place)
    }
    return [.sequence(ValueType.tensor(input.element, shape).asElement)]
  }

  private func divides(_ size: Int, _ dimension: IndexExpr) -> Bool {
    dimension.value.map { size > 0 && $0 % size == 0 } ?? false
  }

  /// The sizes of the parts of an axis.
  func sizes(_ length: Int, _ given: Tensor?) throws(Diagnostic) -> [Int] {
    guard let given else { return Array(repeating: 1, count: length) }
    var sizes = given.ints
    if given.rank == 0, let size = sizes.first, size > 0 {
      sizes = stride(from: 0, to: length, by: size).map { min(size, length - $0) }
    }
    guard sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, +) == length else {
      throw Diagnostic("shape.split", "sizes \(given.ints) do not cut \(length) elements")
    }
    return sizes
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let operands = Operands(inputs.map { $0?.tensor })
    let input = operands[0]
    let place = try Axes.one(axis, rank: input.rank)
    var start = 0
    var parts: [Value] = []
    for size in try sizes(input.shape[place], operands.optional(1)) {
      let part = input.range(start..<start + size, axis: place)
      start += size
      let dropsAxis = !keepsAxis && operands.optional(1) == nil
      parts.append(.tensor(dropsAxis ? part.slice(at: 0, axis: place) : part))
    }
    return [.sequence(parts)]
  }
}
