package import Diagnostics
package import IR
package import Tensors

/// The dimensions of a tensor, from `start` up to `end`.
///
/// - Input: `data` of any type. Output: `shape`, `i64` vector.
/// - Attributes: `start` (0) and `end` (the rank), negative ones counted from the back, clamped to `0...rank`.
/// - Source: ONNX Shape-25 (versions 1, 13, 15 with `start` and `end`, 19-25).
package struct Shape: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Shape", versions: [1, 13, 15, 19, 21, 23, 24, 25], inputs: [.required("data", "T")],
    outputs: [.required("shape", "T1")], types: ["T": .all, "T1": .i64])

  package var start: Int
  package var end: Int?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    start = try attributes.int("start", default: 0)
    end = try attributes.optionalInt("end")
  }

  package init(start: Int = 0, end: Int? = nil) {
    self.start = start
    self.end = end
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("start", start, default: 0)
      $0.int("end", end)
    }
  }

  private func slice<T>(_ shape: [T]) -> [T] {
    let rank = shape.count
    let clamp = { (position: Int) in min(max(position < 0 ? position + rank : position, 0), rank) }
    let from = clamp(start)
    return Array(shape[from..<max(from, end.map(clamp) ?? rank)])
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    guard let shape = try context.knownShape(0) else {
      return [.tensor(.i64, [context.freshDimension(axis: 0)])]
    }
    return [.tensor(.i64, [IndexExpr(slice(shape).count)])]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.types.first??.tensor?.shape.map(slice)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let dimensions = slice(inputs[0].shape)
    return [Tensor(dimensions.map { Int64($0) }, shape: [dimensions.count])]
  }
}
