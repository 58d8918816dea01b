package import Diagnostics
package import IR
import Tensors

/// Joins the tensors of a sequence along an axis, or along a new one.
///
/// - Input: `input_sequence`. Output: `concat_result`.
/// - Attributes: `axis` (required); `new_axis`, 0 by default.
/// - Errors: `type.not-a-sequence`, `attribute.axis`, `shape.mismatch`, `run.sequence-length`.
/// - Source: ONNX ConcatFromSequence-11.
package struct ConcatFromSequence: Op {
  package static let schema = OpSchema(
    "ConcatFromSequence", versions: [11], inputs: [.required("input_sequence", "")],
    outputs: [.required("concat_result", "")])

  package let axis: Int
  package let makesAxis: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.requiredInt("axis")
    makesAxis = try attributes.flag("new_axis")
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis)
      $0.flag("new_axis", makesAxis)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.sequenceElement(0)
    guard let tensor = element.tensor else {
      throw Diagnostic("type.not-a-tensor", "elements are \(element), expected tensors")
    }
    guard var shape = tensor.shape else { return [.tensor(tensor)] }
    let place = try Axes.one(axis, rank: shape.count + (makesAxis ? 1 : 0))
    let joined = context.freshDimension(axis: place)
    if makesAxis { shape.insert(joined, at: place) } else { shape[place] = joined }
    return [
      .tensor(
        tensor.element,
        shape.enumerated().map { number, dimension in
          dimension.isConstant ? dimension : context.freshDimension(axis: number)
        })
    ]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let parts = try SequenceOperands.elements(inputs[0]).compactMap(\.tensor)
    guard let first = parts.first else {
      throw Diagnostic("run.sequence-length", "the sequence is empty, expected tensors to join")
    }
    let place = try Axes.one(axis, rank: first.rank + (makesAxis ? 1 : 0))
    return [.tensor(try makesAxis ? .stack(parts, axis: place) : .joined(parts, axis: place))]
  }
}
