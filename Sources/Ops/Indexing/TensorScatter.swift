package import Diagnostics
package import IR
package import Tensors

/// Writes new entries into a key or value cache, at a position of each sequence of the batch.
///
/// - Inputs: `past_cache` of any type, batch first; `update`, the same shape but shorter at the axis; `write_indices`,
///   optional `i64[batch]`, zero by default. Output: `present_cache`, shape of `past_cache`.
/// - Attributes: `axis` of the sequence, -2 by default; `mode`: linear, or circular, which goes on at the front.
/// - Errors: `attribute.axis`, `shape.mismatch`; `index.out-of-range` when it runs.
/// - Source: ONNX TensorScatter-24.
package struct TensorScatter: TensorOp {
  package static let schema = OpSchema(
    "TensorScatter", versions: [24],
    inputs: [
      .required("past_cache", "T"), .required("update", "T"), .optional("write_indices", "I"),
    ],
    outputs: [.required("present_cache", "T")], types: ["T": .all, "I": .i64])

  package var axis: Int
  package var isCircular: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: -2)
    let modes = ["linear", "circular"]
    isCircular = try attributes.string("mode", default: "linear", oneOf: modes) == "circular"
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: -2)
      $0.string("mode", isCircular ? "circular" : "linear", default: "linear")
    }
  }

  private func place(_ cache: [IndexExpr], _ update: [IndexExpr]) throws(Diagnostic) -> Int {
    let place = try Axes.one(axis, rank: cache.count)
    try Ranks.require(cache.count, update, "the update")
    guard place > 0 else {
      throw Diagnostic("attribute.axis", "axis is \(axis), which is the batch, expected another")
    }
    for other in cache.indices where other != place {
      _ = try IndexExpr.unify(cache[other], update[other], "dimension \(other)")
    }
    return place
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let cache = try context.tensorType(0)
    if let shape = cache.shape, let update = try context.knownShape(1) {
      _ = try place(shape, update)
    }
    return [.tensor(cache)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let cache = inputs[0]
    let update = inputs[1]
    let place = try place(cache.shape.expressions, update.shape.expressions)
    let (capacity, length) = (cache.shape[place], update.shape[place])
    let batch = cache.shape[0]
    let starts = inputs.optional(2)?.ints ?? Array(repeating: 0, count: batch)
    guard starts.count == batch else {
      throw Diagnostic("shape.mismatch", "\(starts.count) write indices, expected \(batch)")
    }
    let rows = cache.shape[1..<place].reduce(1, *)
    var targets: [Int] = []
    for sequence in 0..<batch {
      for row in 0..<rows {
        for step in 0..<length {
          var position = starts[sequence] + step
          if isCircular, capacity > 0, position >= 0 { position %= capacity }
          guard position >= 0, position < capacity else {
            throw Diagnostic(
              "index.out-of-range", "position \(position) of the cache is outside 0..<\(capacity)")
          }
          targets.append((sequence * rows + row) * capacity + position)
        }
      }
    }
    var mover = ElementMover(copying: cache)
    mover.place(from: update, targets, run: cache.shape[(place + 1)...].reduce(1, *))
    return [mover.finish()]
  }
}
