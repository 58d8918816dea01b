package import Diagnostics
package import IR
package import Tensors

/// Reverses the first elements of every sequence of a batch; the rest of each stays.
///
/// - Inputs: `input` of any type and rank >= 2; `sequence_lens`, `i64[batch]` in `0...time`. Output: `Y`, same shape.
/// - Attributes: `batch_axis` (1) and `time_axis` (0): one is 0, the other 1.
/// - Errors: `attribute.value`, `shape.rank-mismatch`, `shape.sequence` when it runs.
/// - Source: ONNX ReverseSequence-10 (versions 10, 28).
package struct ReverseSequence: TensorOp {
  package static let schema = OpSchema(
    "ReverseSequence", versions: [10, 28],
    inputs: [.required("input", "T"), .required("sequence_lens", "I")],
    outputs: [.required("Y", "T")], types: ["T": .all, "I": .i64])

  package var batchAxis: Int
  package var timeAxis: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    batchAxis = try attributes.int("batch_axis", default: 1)
    timeAxis = try attributes.int("time_axis", default: 0)
    guard [batchAxis, timeAxis].sorted() == [0, 1] else {
      throw Diagnostic(
        "attribute.value",
        "batch_axis is \(batchAxis) and time_axis \(timeAxis), expected 0 and 1 in either order")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("batch_axis", batchAxis, default: 1)
      $0.int("time_axis", timeAxis, default: 0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    if let shape = input.shape {
      try Ranks.require(atLeast: 2, shape)
      if let lengths = try context.knownShape(1) {
        try Ranks.require(1, lengths, "sequence_lens")
        _ = try IndexExpr.unify(shape[batchAxis], lengths[0], "the batch")
      }
    }
    return [.tensor(input)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let input = inputs[0]
    try Ranks.require(atLeast: 2, input.shape.expressions)
    let lengths = inputs[1].ints
    let time = input.shape[timeAxis]
    guard lengths.count == input.shape[batchAxis], lengths.allSatisfy({ (0...time).contains($0) })
    else {
      throw Diagnostic(
        "shape.sequence",
        "lengths \(lengths) do not fit \(input.shape[batchAxis]) sequences of \(time) elements")
    }
    let columns = input.shape[1]
    var positions: [Int] = []
    for row in 0..<input.shape[0] {
      for column in 0..<columns {
        let (moment, sequence) = timeAxis == 0 ? (row, column) : (column, row)
        let length = lengths[sequence]
        let source = moment < length ? length - 1 - moment : moment
        positions.append(timeAxis == 0 ? source * columns + column : row * columns + source)
      }
    }
    var mover = ElementMover(type: input.type, shape: input.shape)
    mover.pick(from: input, positions, run: input.shape[2...].reduce(1, *))
    return [mover.finish()]
  }
}
